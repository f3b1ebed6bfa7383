import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Json } from '#cli/cloud/client.ts';

import { randomDisk } from '../disk-images.ts';
import type { Patient } from './patient.ts';
import type { Random } from './random.ts';

const pollMs = 300;
/** How long an upload that broke off may show as under way, in milliseconds. */
const patienceMs = 60_000;

/** Uploads one image after the other until the signal says so, sees that each is whole, and deletes it. */
export async function uploadImages(api: Patient, random: Random, signal: AbortSignal): Promise<void> {
  for (let count = 1; !signal.aborted; count++) {
    const name = `${api.name}-${count}`;
    const wanted = { name, disk_format: 'raw', container_format: 'bare' };
    const { id } = await api.change('POST', 'image', '/v2/images', wanted, async () => {
      const { images } = await api.get('image', `/v2/images?name=${name}`);
      return images[0];
    });
    const data = randomDisk(Math.floor(random.between(1, 16e6)));
    const path = `/v2/images/${id}/file`;
    // when its answer got lost it was taken or not, but is not half there
    await api.change('PUT', 'image', path, data, async () =>
      (await settled(api, id)).status === 'active' ? {} : undefined,
    );
    const { status, size, checksum } = await api.get('image', `/v2/images/${id}`);
    const found = `${status}, ${size} bytes, ${checksum}`;
    const right = `active, ${data.length} bytes, ${createHash('md5').update(data).digest('hex')}`;
    api.chronicle.note(api.name, `uploaded ${id}: ${found}`);
    if (found !== right) api.chronicle.problem(api.name, `image ${id} is ${found} instead of ${right}`);
    api.chronicle.count('upload');
    await api.remove('image', `/v2/images/${id}`);
  }
}

/** An image that nothing is being uploaded to. */
async function settled(api: Patient, id: string): Promise<Json> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(pollMs)) {
    const image = await api.get('image', `/v2/images/${id}`);
    if (image.status === 'queued' || image.status === 'active') return image;
    if (performance.now() > deadline) throw new Error(`image ${id} stays ${image.status}`);
  }
}
