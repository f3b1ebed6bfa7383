import { load } from '../load.ts';
import type { Points } from '../service-points.ts';
import { download, upload } from '../transfer.ts';

const megabytes = 512;
const rounds = 3;

/** A list of ten images, half a gigabyte up and down, and what others notice of it meanwhile. */
export const image: Points = async (cloud, bench) => {
  const base = `${cloud.url('image')}/v2/images`;
  const { headers } = cloud;
  const made: string[] = [];
  const make = async (): Promise<string> => {
    const body = { name: 'bench', disk_format: 'raw', container_format: 'bare' };
    const { id } = await cloud.call('POST', base, body);
    made.push(id);
    return `${base}/${id}/file`;
  };
  try {
    while (made.length < 10) await upload(await make(), headers, 1);
    for (const c of [1, 8]) await bench.sustained(`image: list of 10, c${c}`, { url: base, headers }, c);
    const up = bench.series(`image: upload ${megabytes} MB, in MB`, megabytes);
    const down = bench.series(`image: download ${megabytes} MB, in MB`, megabytes);
    for (let round = 0; round < rounds; round++) {
      const file = await make();
      await up.measure(() => upload(file, headers, megabytes));
      await down.measure(() => download(file, headers, megabytes));
    }
    up.report();
    down.report();
    const validate = {
      url: `${cloud.authUrl}/auth/tokens`,
      headers: { ...headers, 'x-subject-token': headers['x-auth-token']! },
    };
    const file = await make();
    const meanwhile = await load(validate, { concurrency: 1, during: upload(file, headers, megabytes) });
    bench.times('image: validate a token meanwhile, p50', [meanwhile.p50]);
    bench.times('image: validate a token meanwhile, p99', [meanwhile.p99]);
  } finally {
    for (const id of made) await cloud.call('DELETE', `${base}/${id}`);
  }
};
