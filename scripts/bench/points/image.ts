import { Readable } from 'node:stream';

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
    const response = await fetch(`${base}/${id}/file`, {
      method: 'PUT',
      headers: { ...cloud.headers, 'content-type': 'application/octet-stream' },
      body: Readable.toWeb(Readable.from(Array.from({ length: chunks }, () => chunk))) as ReadableStream,
      duplex: 'half',
    });
    if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
  };
  try {
    while (made.length < 10) await upload(await make(), 1);
    for (const c of [1, 8])
      await bench.sustained(`image: list of 10, c${c}`, { url: base, headers: cloud.headers }, c);
    const large = await make();
    await bench.repeated(`image: upload ${megabytes} MB`, 1, () => upload(large, megabytes));
    await bench.repeated(`image: download ${megabytes} MB`, 3, async () => {
      const response = await fetch(`${base}/${large}/file`, { headers: cloud.headers });
      let bytes = 0;
      for await (const chunk of response.body!) bytes += (chunk as Uint8Array).length;
      if (bytes !== megabytes << 20) throw new Error(`download: ${bytes} bytes`);
    });
  } finally {
    for (const id of made) await cloud.call('DELETE', `${base}/${id}`);
  }
};
