import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Json } from '../cloud.ts';
import { Servers } from '../servers.ts';
import type { Points } from '../service-points.ts';

const rounds = 10;

/** Real guests, from the call to ACTIVE to gone, beside what QEMU takes to start by itself. */
export const guests: Points = async (cloud, bench) => {
  const { images } = await cloud.call('GET', `${cloud.url('image')}/v2/images?name=tiny`);
  const servers = await Servers.prepare(cloud, (images as Json[])[0].id);
  // the first one brings the image to the host
  await servers.remove(await servers.create('first'));
  const times: Record<'qemu' | 'active' | 'gone', number[]> = { qemu: [], active: [], gone: [] };
  const timed = async <Result>(list: number[], work: () => Promise<Result> | Result): Promise<Result> => {
    const begun = performance.now();
    const result = await work();
    list.push(performance.now() - begun);
    return result;
  };
  for (let n = 0; n < rounds; n++) {
    const stop = await timed(times.qemu, startQemu);
    stop();
    const id = await timed(times.active, () => servers.create(`guest-${n}`));
    await timed(times.gone, () => servers.remove(id));
  }
  bench.times('guests: QEMU alone, started', times.qemu);
  bench.times('guests: create to ACTIVE, c1', times.active);
  bench.times('guests: delete to gone, c1', times.gone);
  await servers.clear();
};

/** Starts QEMU with the machine guests have, and nothing else; how to end it. */
function startQemu(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-bench-qemu-'));
  const pidFile = join(directory, 'pid');
  const machine = ['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=64', '-cpu', 'max', '-m', '128'];
  const rest = ['-nodefaults', '-display', 'none', '-S', '-daemonize', '-pidfile', pidFile];
  execFileSync('qemu-system-x86_64', [...machine, ...rest], { stdio: 'inherit' });
  return () => {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    rmSync(directory, { recursive: true });
  };
}
