import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { MetadataNetwork } from '#contracts/metadata.ts';
import { silentLog } from '#kit/log/log.ts';
import { missingForLab, OvnLab } from '#test/support/ovn/lab.ts';
import {
  externalNetwork,
  gateway,
  making,
  network,
  port,
  router,
  rule,
  securityGroup,
  subnet,
  undoing,
  withServicePort,
} from '#test/support/ovn/wanted.ts';

import type { Change, NetDriver, NetHost } from './driver.ts';
import { OvnDriver } from './ovn/driver.ts';
import { SimNetDriver } from './sim/driver.ts';
import { SimFabric } from './sim/fabric.ts';
import { SimNetHost } from './sim/host.ts';

/** A driver's two halves: control, and the one hypervisor `lab-host`. */
interface Halves {
  readonly driver: NetDriver;
  readonly host: Pick<NetHost, 'plug' | 'unplug' | 'plugged' | 'orphans' | 'removeOrphan'> & {
    serveMetadata(networks: readonly MetadataNetwork[]): Promise<void>;
  };
  stop(): Promise<void>;
}

const kinds: Change['kind'][] = ['network', 'securityGroup', 'port', 'router'];

/** What every network driver promises, whatever it does with packets. */
function contract(name: string, open: () => Promise<Halves>): void {
  describe(name, () => {
    let halves: Halves;
    let driver: NetDriver;
    const made: Change[] = [];
    const apply = (changes: readonly Change[]) => {
      made.push(...changes);
      return driver.apply(changes);
    };
    const plugging = (portId: string) => ({ portId, mac: 'fa:16:3e:00:00:01', mtu: 1442, guestUid: 65_534 });
    beforeAll(async () => {
      halves = await open();
      driver = halves.driver;
    }, 30_000);
    afterEach(async () => {
      await driver.apply(undoing(made.splice(0)));
      for (const id of await halves.host.plugged()) await halves.host.unplug(id);
    });
    afterAll(() => halves?.stop());

    /** One of everything, each referring to the others. */
    function everything(): Change[] {
      const { network: inner, service } = withServicePort(network());
      const outer = externalNetwork();
      const group = securityGroup(rule({ protocol: 'tcp', min: 22, max: 22 }));
      const guest = port(inner, 10, { portSecurity: true, securityGroups: [group.id] });
      const { gateway: exit, port: exitPort } = gateway(outer, 10, [inner]);
      const { router: wanted, ports } = router([inner], {
        gateway: exit,
        floatingIps: [
          { id: randomUUID(), floatingAddress: '172.24.4.20', fixedAddress: '10.9.0.10', portId: guest.id },
        ],
      });
      return making({
        networks: [inner, outer],
        groups: [group],
        ports: [service, guest, exitPort, ...ports],
        routers: [wanted],
      });
    }

    test('what was applied is present and does not drift, also when it is applied again', async () => {
      const changes = everything();
      for (let times = 0; times < 2; times++) {
        await apply(changes);
        expect(await driver.drifted(changes)).toEqual([]);
        for (const kind of kinds) {
          const ids = changes.filter((change) => change.kind === kind).map(({ id }) => id);
          expect((await driver.present(kind)).toSorted()).toEqual(ids.toSorted());
        }
      }
    });

    test('what is to go and is there has drifted; once gone it has not, and may go again', async () => {
      const changes = everything();
      await apply(changes);
      const gone = undoing(changes);
      expect((await driver.drifted(gone)).length).toBe(changes.length);
      for (let times = 0; times < 2; times++) {
        await driver.apply(gone);
        expect(await driver.drifted(gone)).toEqual([]);
        for (const kind of kinds) expect(await driver.present(kind)).toEqual([]);
      }
      expect((await driver.drifted(changes)).length).toBe(changes.length);
    });

    test('of several changes of one object the last counts', async () => {
      const on = network();
      const [first, last] = [port(on, 10), port(on, 11)];
      await apply([
        ...making({ networks: [on], ports: [first] }),
        { kind: 'port', id: first.id, wanted: { ...last, id: first.id } },
      ]);
      expect(await driver.drifted(making({ ports: [{ ...last, id: first.id }] }))).toEqual([]);
      expect(await driver.drifted(making({ ports: [first] }))).toEqual([first.id]);
      await apply([{ kind: 'port', id: first.id, wanted: null }, ...making({ ports: [first] })]);
      expect(await driver.drifted(making({ ports: [first] }))).toEqual([]);
      await apply([...making({ ports: [first] }), { kind: 'port', id: first.id, wanted: null }]);
      expect(await driver.present('port')).toEqual([]);
    });

    test('what cannot be made does not keep the rest from being made', async () => {
      const [on, nowhere] = [network(), network()];
      const [good, bad] = [port(on, 10), port(nowhere, 10)];
      const changes = making({ networks: [on], ports: [bad, good] });
      // the simulated network takes a port without a network; an engine says no
      await apply(changes).catch((error: unknown) => expect(error).toMatchObject({ kind: 'conflict' }));
      expect(await driver.drifted(making({ networks: [on], ports: [good] }))).toEqual([]);
    });

    test('anything that is wanted otherwise is drift until it is applied', async () => {
      const { network: on, service } = withServicePort(network());
      const group = securityGroup(rule({ protocol: 'tcp', min: 80, max: 80 }));
      const guest = port(on, 10, { portSecurity: true, securityGroups: [group.id] });
      const { router: wanted, ports } = router([on]);
      await apply(
        making({ networks: [on], groups: [group], ports: [service, guest, ...ports], routers: [wanted] }),
      );
      const [first] = on.subnets;
      const others: Change[] = [
        ...making({
          networks: [
            { ...on, subnets: [{ ...first!, dnsServers: ['9.9.9.9'] }] },
            { ...on, subnets: [{ ...first!, dhcp: false }] },
            { ...on, subnets: [...on.subnets, subnet('10.10.0.0/24')] },
            { ...on, mtu: 1400 },
          ],
          groups: [
            { ...group, rules: group.rules.slice(1) },
            { ...group, stateful: false },
            { ...group, rules: [...group.rules, rule({ protocol: 'icmp' })] },
            { ...group, rules: [rule({ id: 'not a UUID 10.0.0.1', remoteCidr: '10.0.0.1/32' })] },
          ],
          ports: [
            { ...guest, adminStateUp: false },
            { ...guest, mac: 'fa:16:3e:99:99:99' },
            { ...guest, securityGroups: [] },
            { ...guest, portSecurity: false, securityGroups: [] },
            { ...guest, host: 'elsewhere' },
            { ...guest, dhcpOptions: [{ name: 'ntp-server', value: '10.9.0.5', version: 4 }] },
            { ...guest, allowedAddressPairs: [{ mac: guest.mac, address: '10.9.0.99' }] },
          ],
          routers: [
            { ...wanted, adminStateUp: false },
            { ...wanted, interfaces: [] },
            { ...wanted, routes: [{ destination: '10.50.0.0/16', nexthop: '10.9.0.10' }] },
          ],
        }),
      ];
      for (const other of others) {
        expect(await driver.drifted([other]), JSON.stringify(other.wanted)).toEqual([other.id]);
        await apply([other]);
        expect(await driver.drifted([other])).toEqual([]);
      }
    });

    test('a port is up once it is plugged in where it is bound, and down when it is unplugged or switched off', async () => {
      const on = network();
      const guest = port(on, 10);
      const heard: unknown[] = [];
      const statusOf = (status: { portId: string; up: boolean; host: string | null }) => {
        if (status.portId === guest.id) heard.push([status.up, status.host]);
      };
      driver.onPortStatus(statusOf);
      await apply(making({ networks: [on], ports: [guest] }));
      await expect.poll(() => heard, { timeout: 5000 }).toEqual([[false, null]]);
      await halves.host.plug(plugging(guest.id));
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toEqual([true, 'lab-host']);
      const late: unknown[] = [];
      driver.onPortStatus(({ portId, up, host }) => portId === guest.id && late.push([up, host]));
      await expect.poll(() => late).toEqual([[true, 'lab-host']]);
      expect(driver.portStatus(guest.id)).toEqual({ portId: guest.id, up: true, host: 'lab-host' });
      await apply(making({ ports: [{ ...guest, adminStateUp: false }] }));
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toEqual([false, null]);
      await apply(making({ ports: [guest] }));
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toEqual([true, 'lab-host']);
      await halves.host.unplug(guest.id);
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toEqual([false, null]);
    });

    test('a port that is deleted while it is up goes down', async () => {
      const on = network();
      const guest = port(on, 10);
      const heard: boolean[] = [];
      driver.onPortStatus(({ portId, up }) => void (portId === guest.id && heard.push(up)));
      await apply(making({ networks: [on], ports: [guest] }));
      await halves.host.plug(plugging(guest.id));
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toBe(true);
      await driver.apply([{ kind: 'port', id: guest.id, wanted: null }]);
      await expect.poll(() => heard.at(-1), { timeout: 5000 }).toBe(false);
      expect(driver.portStatus(guest.id)).toBeUndefined();
    });

    test('the hypervisor is listed, alive, with its physical networks', async () => {
      const [agent, ...others] = await driver.agents();
      expect(others).toEqual([]);
      expect(agent).toMatchObject({
        host: 'lab-host',
        alive: true,
        physicalNetworks: ['public'],
        gateway: true,
      });
      expect(agent!.id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      expect(Math.abs(Date.now() - agent!.lastSeen)).toBeLessThan(75_000);
    });

    test('plugging twice is plugging once; unplugging what is not there is fine', async () => {
      const { host } = halves;
      const [a, b] = [randomUUID(), randomUUID()];
      const first = await host.plug(plugging(a));
      expect(await host.plug(plugging(a))).toEqual(first);
      await host.plug(plugging(b));
      expect((await host.plugged()).toSorted()).toEqual([a, b].toSorted());
      for (let times = 0; times < 2; times++) await host.unplug(a);
      expect(await host.plugged()).toEqual([b]);
    });

    test('what nobody knows is an orphan until it is removed', async () => {
      const { host } = halves;
      const [known, unknown] = [randomUUID(), randomUUID()];
      await host.plug(plugging(known));
      await host.plug(plugging(unknown));
      const orphans = await host.orphans({ ports: [known], networks: [] });
      expect(orphans).toEqual([`port ${unknown}`]);
      await host.removeOrphan(orphans[0]!);
      expect(await host.orphans({ ports: [known], networks: [] })).toEqual([]);
      expect(await host.plugged()).toEqual([known]);
    });

    test('serving metadata in the same networks again changes nothing; in none removes all', async () => {
      const { network: on, service } = withServicePort(network());
      await apply(making({ networks: [on], ports: [service] }));
      const served = {
        networkId: on.id,
        portId: service.id,
        mac: service.mac,
        cidrs: ['10.9.0.2/24'],
        mtu: on.mtu,
      };
      for (let times = 0; times < 2; times++) await halves.host.serveMetadata([served]);
      expect(await halves.host.orphans({ ports: [], networks: [on.id] })).toEqual([]);
      await halves.host.serveMetadata([]);
      expect(await halves.host.orphans({ ports: [], networks: [] })).toEqual([]);
    });
  });
}

contract('the simulated network', async () => {
  const fabric = new SimFabric();
  const [driver, host] = [new SimNetDriver(fabric), new SimNetHost(fabric, 'lab-host')];
  return {
    driver,
    host: {
      plug: (spec) => host.plug(spec),
      unplug: (id) => host.unplug(id),
      plugged: () => host.plugged(),
      orphans: (known) => host.orphans(known),
      removeOrphan: (name) => host.removeOrphan(name),
      serveMetadata: (networks) =>
        host.serveMetadata(networks, async () => ({
          status: 200,
          contentType: 'text/plain',
          body: Buffer.from('hello'),
        })),
    },
    stop: async () => {
      await driver.close();
      await host.close();
    },
  };
});

const missing = missingForLab();
describe.skipIf(missing !== '')(`for real (missing: ${missing || 'nothing'})`, () => {
  contract('OVN', async () => {
    const lab = await OvnLab.start();
    const driver = new OvnDriver({ ...lab.remotes, log: silentLog() });
    return {
      driver,
      host: lab.host,
      stop: async () => {
        await driver.close();
        await lab.stop();
      },
    };
  });
});
