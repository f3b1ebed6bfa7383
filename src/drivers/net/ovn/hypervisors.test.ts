import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';
import { silentLog } from '#kit/log/log.ts';
import { OvsdbClient } from '#protocols/ovsdb/client.ts';
import type { Guest } from '#test/support/ovn/guest.ts';
import { missingForLab, OvnLab } from '#test/support/ovn/lab.ts';
import { externalNetwork, gateway, making, network, port, router } from '#test/support/ovn/wanted.ts';

import type { WantedPort } from '../driver.ts';
import { OvnDriver } from './driver.ts';
import { northbound } from './northbound.ts';

const missing = missingForLab();
const soon = (what: () => unknown) => expect.poll(what, { timeout: 30_000, interval: 100 });
/** The underlay is a physical network of its own: tunnels of the user-space switch start at a bridge. */
const bridges = { public: 'br-ex', underlay: 'br-ul' };

describe.skipIf(missing !== '')(`two hypervisors (missing: ${missing || 'nothing'})`, () => {
  let one: OvnLab;
  let two: OvnLab;
  let driver: OvnDriver;
  const clock = new FakeClock(Date.now());
  const up = new Map<string, string | null>();
  const inner = network();
  const outer = externalNetwork();
  const exit = gateway(outer, 10, [inner]);
  const [a, b] = [port(inner, 20, { host: 'host-one' }), port(inner, 21, { host: 'host-two' })];
  const floating = {
    id: randomUUID(),
    floatingAddress: '172.24.4.30',
    fixedAddress: '10.9.0.20',
    portId: a.id,
  };
  let guests: [Guest, Guest];

  /** Chassis a router's gateway may be on, first choice first. */
  async function choices(routerId: string): Promise<string[]> {
    const client = new OvsdbClient(one.remotes.northbound, northbound);
    try {
      await client.ready(5000);
      const group = client.tables.HA_Chassis_Group.find(({ name }) => name === `neutron-${routerId}`);
      const rows = (group?.ha_chassis ?? []).map((uuid) => client.tables.HA_Chassis.get(uuid)!);
      return rows.toSorted((x, y) => y.priority - x.priority).map((row) => row.chassis_name);
    } finally {
      client.close();
    }
  }
  const boot = async (lab: OvnLab, wanted: WantedPort, address: string): Promise<Guest> => {
    const guest = await lab.boot({ portId: wanted.id, mac: wanted.mac });
    await guest.address(address, '10.9.0.1');
    return guest;
  };
  /** Joins two bridges of the two hosts, as a cable and its two cards do. */
  async function cable(bridge: string, device: string): Promise<void> {
    const peer = ['peer', 'name', device, 'netns', two.namespace];
    await one.outside('ip', 'link', 'add', device, 'type', 'veth', ...peer);
    for (const lab of [one, two]) {
      await lab.outside('ethtool', '-K', device, 'tx', 'off');
      await lab.outside('ip', 'link', 'set', device, 'up');
      await lab.outside('ovs-vsctl', `--db=${lab.remotes.switch}`, 'add-port', bridge, device);
    }
  }

  beforeAll(async () => {
    const addresses = { 'br-ex': '172.24.4.1/24', 'br-ul': '10.99.0.1/24' };
    one = await OvnLab.start('strata-ovn', {
      hostname: 'host-one',
      bridges,
      addresses,
      encapAddress: '10.99.0.1',
    });
    driver = new OvnDriver({ ...one.remotes, log: silentLog(), clock });
    driver.onPortStatus(({ portId, host }) => up.set(portId, host));
  }, 30_000);
  afterAll(async () => {
    await driver?.close();
    await two?.stop();
    await one?.stop();
  });

  test('a hypervisor that joins stands by for gateways that were there before', async () => {
    const early = router([], { gateway: exit.gateway });
    await driver.apply(making({ networks: [outer], ports: [exit.port], routers: [early.router] }));
    const [first, ...others] = await choices(early.router.id);
    expect(others).toEqual([]);
    const { northbound, southbound } = one.remotes;
    two = await OvnLab.start('strata-ovn', {
      hostname: 'host-two',
      bridges,
      addresses: { 'br-ul': '10.99.0.2/24' },
      encapAddress: '10.99.0.2',
      remotes: { northbound, southbound },
    });
    await cable('br-ul', 'ul0');
    await cable('br-ex', 'ex0');
    await soon(async () => (await choices(early.router.id)).length).toBe(2);
    expect(await choices(early.router.id)).toContain(first);
    expect((await driver.agents()).map(({ host, alive }) => `${host} ${alive}`).toSorted()).toEqual([
      'host-one true',
      'host-two true',
    ]);
    await driver.apply([{ kind: 'router', id: early.router.id, wanted: null }]);
  }, 30_000);

  test('guests of one network on both reach each other, each port where it is bound', async () => {
    await driver.apply(making({ networks: [inner], ports: [a, b] }));
    guests = [await boot(one, a, '10.9.0.20/24'), await boot(two, b, '10.9.0.21/24')];
    await soon(() => [up.get(a.id), up.get(b.id)]).toEqual(['host-one', 'host-two']);
    await soon(() => guests[0].pings('10.9.0.21')).toBe(true);
    expect(await guests[0].run('busybox', 'ping', '-c', '1', '-W', '2', '-s', '1400', '10.9.0.21')).toContain(
      '1408 bytes',
    );
  });

  test('when a gateway’s hypervisor dies another takes over, and floating IPs stay where their ports are', async () => {
    // a router whose gateway is on the hypervisor that is going to die
    for (;;) {
      const { router: wanted, ports } = router([inner], { gateway: exit.gateway, floatingIps: [floating] });
      await driver.apply(making({ ports: [...ports], routers: [wanted] }));
      const { id } = (await driver.agents()).find(({ host }) => host === 'host-two')!;
      if ((await choices(wanted.id))[0] === id) break;
      await driver.apply([{ kind: 'router', id: wanted.id, wanted: null }]);
    }
    await one.listenOutside(7000);
    await soon(() => guests[1].connect('172.24.4.1', 7000)).toBe('172.24.4.10');
    await soon(() => guests[0].connect('172.24.4.1', 7000)).toBe('172.24.4.30');
    const mac = async () =>
      /lladdr (\S+)/.exec(await one.outside('ip', 'neighbour', 'show', '172.24.4.30'))?.[1];
    expect(await one.outsidePings('172.24.4.30')).toBe(true);
    expect(await mac(), 'an address of its own, not the gateway’s').not.toBe(exit.port.mac);
    const late = port(inner, 22, { host: 'host-one' });
    await driver.apply(making({ ports: [late] }));
    const third = await boot(one, late, '10.9.0.22/24');
    await soon(() => third.connect('172.24.4.1', 7000)).toBe('172.24.4.10');
    await two.halt();
    clock.advance(80_000);
    expect(await one.outsidePings('172.24.4.30')).toBe(true);
    await soon(() => third.connect('172.24.4.1', 7000)).toBe('172.24.4.10');
  }, 60_000);

  test('one that is gone for good can be forgotten', async () => {
    const hosts = async () => (await driver.agents()).map(({ host }) => host);
    const gone = (await driver.agents()).find(({ host }) => host === 'host-two')!;
    await driver.removeAgent(gone.id);
    await soon(hosts).toEqual(['host-one']);
    await driver.removeAgent(gone.id);
  });
});
