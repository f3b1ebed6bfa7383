import { existsSync, openAsBlob } from 'node:fs';

import { tinyImage } from '../machine/prepare.ts';
import { UserError } from '../output.ts';
import type { DemoParts } from './parts.ts';

const name = 'tiny';

/** Uploads the tiny guest image, public. With simulated guests it is an empty disk, since nothing boots from it. */
export async function makeTinyImage({ client, root, sim }: DemoParts): Promise<string> {
  const { images } = await client.get('image', `/v2/images?name=${name}&visibility=public`);
  for (const { id, status } of images as { id: string; status: string }[]) {
    if (status === 'active') return name;
    // left by an upload that was cut off
    await client.send('DELETE', 'image', `/v2/images/${id}`);
  }
  const file = tinyImage(root);
  if (!sim && !existsSync(file)) throw new UserError(`${file} is missing`, 'build it: stratalith install');
  const data = sim ? new Uint8Array(1 << 20) : await openAsBlob(file);
  const { id } = await client.post('image', '/v2/images', {
    name,
    disk_format: sim ? 'raw' : 'qcow2',
    container_format: 'bare',
    visibility: 'public',
  });
  await client.send('PUT', 'image', `/v2/images/${id}/file`, data);
  const size = data instanceof Blob ? data.size : data.byteLength;
  return `${name}, ${(size / 1e6).toFixed(1)} MB${sim ? ', an empty disk' : ''}`;
}
