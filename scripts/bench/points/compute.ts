import { Servers } from '../servers.ts';
import type { Points } from '../service-points.ts';

const burst = 50;
const many = 1000;
const rounds = 3;

/** Lists of flavors and servers, and servers from the call to ACTIVE to gone. Deletes every server of its project. */
export const compute: Points = async (cloud, bench) => {
  const base = cloud.url('compute');
  const { headers } = cloud;
  const limits = { instances: -1, cores: -1, ram: -1, force: true };
  await cloud.call('PUT', `${base}/os-quota-sets/${cloud.projectId}`, { quota_set: limits });
  const servers = await Servers.prepare(cloud);
  const detail = { url: `${base}/servers/detail?limit=1000`, headers };
  const brief = { url: `${base}/servers?limit=1000`, headers };
  for (const c of [1, 8]) await bench.sustained(`compute: servers detail, none, c${c}`, detail, c);
  await bench.sustained('compute: flavors detail, c8', { url: `${base}/flavors/detail`, headers }, 8);

  await servers.remove(await servers.create('warm-up'));
  servers.calls.length = 0;
  const ids: string[] = [];
  await bench.repeated('compute: create to ACTIVE, c1', 10, async (n) => {
    ids.push(await servers.create(`one-${n}`));
  });
  bench.times('compute: create, the call, c1', servers.calls);
  await bench.repeated('compute: delete to gone, c1', ids.length, (n) => servers.remove(ids[n]!));
  const toActive = bench.series(`compute: ${burst} at once to ACTIVE`, burst);
  const toGone = bench.series(`compute: ${burst} at once to gone`, burst);
  for (let round = 0; round < rounds; round++) {
    await toActive.measure(() => servers.fill(burst, burst));
    await toGone.measure(() => servers.deleteAll(burst));
  }
  toActive.report();
  toGone.report();

  let present = 0;
  for (const count of [100, many]) {
    const made = count - present;
    await bench.repeated(`compute: ${present} to ${count}, c8`, 1, () => servers.fill(count, 8), made);
    present = count;
    for (const c of [1, 8]) await bench.sustained(`compute: servers detail, ${count}, c${c}`, detail, c);
    await bench.sustained(`compute: servers brief, ${count}, c8`, brief, 8);
  }
  const [first] = await servers.list();
  await bench.sustained('compute: server show, c8', { url: `${base}/servers/${first}`, headers }, 8);
  await bench.repeated(`compute: ${many} to gone, c8`, 1, () => servers.deleteAll(8), many);
  await servers.clear();
};
