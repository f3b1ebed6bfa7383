import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Points } from '../service-points.ts';

const megabytes = 512;

/** A list of ten images, and half a gigabyte up and down. */
export const image: Points = async (cloud, bench) => {
  const base = `${cloud.url('image')}/v2/images`;
  const made: string[] = [];
  const make = async (): Promise<string> => {
    const body = { name: 'bench', disk_format: 'raw', container_format: 'bare' };
    const { id } = await cloud.call('POST', base, body);
    made.push(id);
    return id;
  };
  const upload = async (id: string, chunks: number): Promise<void> => {
    const chunk = Buffer.alloc(1 << 20, 'bench');
    const sent = request(`${base}/${id}/file`, {
      method: 'PUT',
      headers: { ...cloud.headers, 'content-type': 'application/octet-stream' },
    });
    const answer = answerTo(sent);
    await pipeline(Readable.from(Array.from({ length: chunks }, () => chunk)), sent);
    const { statusCode } = (await answer).resume();
    if (statusCode !== 204) throw new Error(`upload: ${statusCode}`);
  };
  const download = async (id: string): Promise<void> => {
    let bytes = 0;
    const answer = answerTo(request(`${base}/${id}/file`, { headers: cloud.headers }).end());
    for await (const chunk of await answer) bytes += (chunk as Uint8Array).length;
    if (bytes !== megabytes << 20) throw new Error(`download: ${bytes} bytes`);
  };
  try {
    while (made.length < 10) await upload(await make(), 1);
    for (const c of [1, 8])
      await bench.sustained(`image: list of 10, c${c}`, { url: base, headers: cloud.headers }, c);
    const large = await make();
    await bench.repeated(
      `image: upload ${megabytes} MB, in MB`,
      1,
      () => upload(large, megabytes),
      megabytes,
    );
    await bench.repeated(`image: download ${megabytes} MB, in MB`, 3, () => download(large), megabytes);
  } finally {
    for (const id of made) await cloud.call('DELETE', `${base}/${id}`);
  }
};

const answerTo = (sent: ReturnType<typeof request>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
