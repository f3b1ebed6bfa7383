import { readFileSync } from 'node:fs';
/**
 * How fast the OVN driver is: from `apply` to flows, plugging, a hundred ports, and what the engine takes while idle.
 * Run as root: `node test/bench/ovn.bench.ts [ports]`.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { WantedPort } from '#drivers/net/driver.ts';
import { OvnDriver } from '#drivers/net/ovn/driver.ts';
import { silentLog } from '#kit/log/log.ts';
import { memoryOf } from '#kit/process/proc.ts';
import { missingForLab, OvnLab } from '#test/support/ovn/lab.ts';
import {
  cidrIn,
  making,
  network,
  port,
  rule,
  securityGroup,
  subnet,
  undoing,
  withServicePort,
} from '#test/support/ovn/wanted.ts';

const missing = missingForLab();
if (missing) throw new Error(`missing: ${missing}`);
const count = Number(process.argv[2] ?? 100);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const show = (what: string, ms: number): void =>
  console.log(`${what.padEnd(58)} ${ms.toFixed(1).padStart(9)} ms`);
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

let lab!: OvnLab;
show(
  'engine: from nothing to a chassis that is connected',
  await timed(async () => (lab = await OvnLab.start())),
);
const driver = new OvnDriver({ ...lab.remotes, log: silentLog() });
const up = new Set<string>();
driver.onPortStatus((status) => void (status.up ? up.add(status.portId) : up.delete(status.portId)));
const allUp = async (ports: readonly WantedPort[], wanted = true): Promise<void> => {
  while (!ports.every(({ id }) => up.has(id) === wanted)) await sleep(1);
};
const plug = ({ id, mac }: WantedPort): Promise<unknown> =>
  lab.host.plug({ portId: id, mac, mtu: 1442, guestUid: 65_534 });

try {
  const group = securityGroup(rule({ protocol: 'tcp', min: 22, max: 22 }));
  const { network: on, service } = withServicePort(network([subnet('10.9.0.0/16')]));
  const make = (n: number): WantedPort => ({
    ...port(on, 10, { portSecurity: true, securityGroups: [group.id] }),
    addresses: [{ subnetId: on.subnets[0]!.id, address: `10.9.${1 + (n >> 8)}.${n & 255}` }],
  });
  await driver.apply(making({ networks: [on], groups: [group], ports: [service] }));

  const singles = Array.from({ length: 20 }, (_, n) => make(n));
  const [applies, plugs, flows, unplugs, removes]: number[][] = [[], [], [], [], []];
  for (const one of singles) {
    applies!.push(await timed(() => driver.apply(making({ ports: [one] }))));
    const started = performance.now();
    plugs!.push(await timed(() => plug(one)));
    await allUp([one]);
    flows!.push(performance.now() - started);
  }
  for (const one of singles) {
    unplugs!.push(await timed(() => lab.host.unplug(one.id)));
    removes!.push(await timed(() => driver.apply(undoing(making({ ports: [one] })))));
  }
  show('one port: apply (median of 20)', median(applies!));
  show('one port: plug', median(plugs!));
  show('one port: from plug to flows in place and reported', median(flows!));
  show('one port: unplug', median(unplugs!));
  show('one port: remove', median(removes!));
  const lsp = make(1);
  await plug(lsp);
  const start = performance.now();
  await driver.apply(making({ ports: [lsp] }));
  await allUp([lsp]);
  show('one port, already plugged: from apply to flows', performance.now() - start);
  await lab.host.unplug(lsp.id);
  await driver.apply(undoing(making({ ports: [lsp] })));
  const served = {
    networkId: on.id,
    portId: service.id,
    mac: service.mac,
    cidrs: [cidrIn(on.subnets[0]!, 2)],
    mtu: on.mtu,
  };
  show('metadata: served in one network', await timed(() => lab.host.serveMetadata([served])));
  show('metadata: taken away', await timed(() => lab.host.serveMetadata([])));

  const many = Array.from({ length: count }, (_, n) => make(n));
  const changes = making({ ports: many });
  show(`${count} ports: applied in one call`, await timed(() => driver.apply(changes)));
  show(`${count} ports: compared with what is there`, await timed(() => driver.drifted(changes)));
  const plugging = performance.now();
  await Promise.all(many.map(plug));
  show(`${count} ports: plugged at once`, performance.now() - plugging);
  await allUp(many);
  show(`${count} ports: from plug to all flows in place`, performance.now() - plugging);
  show(
    `${count} ports: unplugged at once`,
    await timed(() => Promise.all(many.map(({ id }) => lab.host.unplug(id)))),
  );
  show(`${count} ports: removed in one call`, await timed(() => driver.apply(undoing(changes))));
  await idle();
} finally {
  await driver.close();
  await lab.stop();
}

/** What the engine's daemons take while nothing happens. */
async function idle(): Promise<void> {
  const seconds = 20;
  const daemons = (await lab.state()).map(({ name, id }) => ({ name, pid: id!.pid }));
  await sleep(3000);
  const before = daemons.map(({ pid }) => ticks(pid));
  await sleep(seconds * 1000);
  let [memory, share] = [0, 0];
  for (const [i, { name, pid }] of daemons.entries()) {
    const percent = (ticks(pid) - before[i]!) / seconds;
    const { rss, pss } = memoryOf(pid)!;
    memory += pss ?? rss;
    share += percent;
    console.log(
      `  ${name.padEnd(16)} ${((pss ?? rss) / 2 ** 20).toFixed(1).padStart(6)} MiB ${percent.toFixed(2).padStart(6)} % of a core`,
    );
  }
  console.log(`idle, together: ${(memory / 2 ** 20).toFixed(1)} MiB, ${share.toFixed(2)} % of a core`);
}

/** Processor time of a process, in hundredths of a second. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
