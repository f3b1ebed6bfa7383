import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { silentLog } from '#kit/log/log.ts';
import { OvsdbClient } from '#protocols/ovsdb/client.ts';
import { integer, text } from '#protocols/ovsdb/columns.ts';
import type { Guest } from '#test/support/ovn/guest.ts';
import { missingForLab, OvnLab } from '#test/support/ovn/lab.ts';
import { northboundLeavings, rowsIn } from '#test/support/ovn/rows.ts';
import {
  externalNetwork,
  gateway,
  making,
  network,
  port,
  router,
  rule,
  securityGroup,
  undoing,
  withServicePort,
} from '#test/support/ovn/wanted.ts';

import type { Change, WantedPort } from '../driver.ts';
import { OvnDriver } from './driver.ts';
import { gatewayGroupUuid } from './gateways.ts';
import { owned, portDhcpUuid, portNamesUuid, routerName } from './names.ts';
import { northbound } from './northbound.ts';

const missing = missingForLab();
const soon = (what: () => unknown) => expect.poll(what, { timeout: 20_000, interval: 100 });

describe('an engine that is not there', () => {
  test('is unavailable', async () => {
    const nowhere = 'unix:/nonexistent/socket';
    const driver = new OvnDriver({ northbound: nowhere, southbound: nowhere, log: silentLog() });
    expect(driver.connected).toBe(false);
    await expect(driver.apply(making({ networks: [network()] }))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await driver.close();
  });
});

describe.skipIf(missing !== '')(`a daemon is killed (missing: ${missing || 'nothing'})`, () => {
  let lab: OvnLab;
  let driver: OvnDriver;
  const up = new Map<string, boolean>();
  beforeAll(async () => {
    lab = await OvnLab.start();
    driver = new OvnDriver({ ...lab.remotes, log: silentLog() });
    driver.onPortStatus((status) => up.set(status.portId, status.up));
  }, 30_000);
  afterAll(async () => {
    await driver?.close();
    await lab?.stop();
  });
  /** As a service does: again until the engine has taken it. */
  const insist = (changes: readonly Change[]) =>
    soon(() =>
      driver.apply(changes).then(
        () => 'done',
        (error: { kind?: string }) => error.kind,
      ),
    ).toBe('done');
  const boot = async (wanted: WantedPort, address: string): Promise<Guest> => {
    const guest = await lab.boot({ portId: wanted.id, mac: wanted.mac });
    await guest.address(`${address}/24`, '10.9.0.1');
    return guest;
  };

  describe('with guests behind a router with a way out and metadata', () => {
    const { network: inner, service } = withServicePort(network());
    const outer = externalNetwork();
    const group = securityGroup(rule());
    const exit = gateway(outer, 10, [inner]);
    const secured = { portSecurity: true, securityGroups: [group.id] };
    const [a, b] = [port(inner, 20, secured), port(inner, 21, secured)];
    const { router: wanted, ports } = router([inner], {
      gateway: exit.gateway,
      floatingIps: [
        { id: randomUUID(), floatingAddress: '172.24.4.30', fixedAddress: '10.9.0.20', portId: a.id },
      ],
    });
    const everything = making({
      networks: [inner, outer],
      groups: [group],
      ports: [service, a, b, exit.port, ...ports],
      routers: [wanted],
    });
    let first: Guest;
    beforeAll(async () => {
      await driver.apply(everything);
      first = await boot(a, '10.9.0.20');
      await boot(b, '10.9.0.21');
      await first.run('ip', 'route', 'replace', '169.254.169.254', 'via', '10.9.0.2');
      await lab.host.serveMetadata([
        { networkId: inner.id, portId: service.id, mac: service.mac, cidrs: ['10.9.0.2/24'], mtu: 1442 },
      ]);
    });

    const daemons = ['ovn-nb', 'ovn-sb', 'ovn-northd', 'ovs-db', 'ovs-vswitchd', 'ovn-controller'];
    for (const [i, daemon] of daemons.entries())
      test(`${daemon} comes back and everything is as it was, and more can be had`, async () => {
        await lab.killDaemon(daemon);
        await soon(() => driver.connected).toBe(true);
        await soon(() => first.pings('10.9.0.21')).toBe(true);
        await soon(() => lab.outsidePings('172.24.4.30')).toBe(true);
        await soon(() => first.pings('172.24.4.1')).toBe(true);
        await soon(() => first.fetch('http://169.254.169.254/').then((page) => page.includes(inner.id))).toBe(
          true,
        );
        expect(await driver.drifted(everything)).toEqual([]);
        const added = port(inner, 100 + i, secured);
        await insist(making({ ports: [added] }));
        const newcomer = await boot(added, `10.9.0.${100 + i}`);
        await soon(() => up.get(added.id)).toBe(true);
        await soon(() => newcomer.pings('10.9.0.20')).toBe(true);
        await lab.stopGuest(newcomer);
        await soon(() => up.get(added.id)).toBe(false);
        await insist(undoing(making({ ports: [added] })));
        await soon(async () => (await driver.agents())[0]?.alive).toBe(true);
      });

    test('whichever is killed while ports come and go, in the end all is as wanted', async () => {
      const many = Array.from({ length: 30 }, (_, i) => port(inner, 150 + i, secured));
      const work = (async () => {
        for (const wanted of many) {
          await insist(making({ ports: [wanted] }));
          if (wanted !== many.at(-1)) await insist(undoing(making({ ports: [wanted] })));
        }
      })();
      for (const daemon of daemons) await lab.killDaemon(daemon);
      await work;
      expect(await driver.drifted([...everything, ...making({ ports: many.slice(-1) })])).toEqual([]);
      expect((await driver.present('port')).length).toBe(
        everything.filter((c) => c.kind === 'port').length + 1,
      );
      await soon(() => first.pings('10.9.0.21')).toBe(true);
      await insist(undoing(making({ ports: many.slice(-1) })));
    });

    test('after the host has lost power, ports are plugged in again under the names they had', async () => {
      await lab.reboot();
      await soon(() => driver.connected).toBe(true);
      expect(await lab.host.plugged()).toEqual([]);
      expect(await driver.drifted(everything)).toEqual([]);
      first = await boot(a, '10.9.0.20');
      await boot(b, '10.9.0.21');
      await soon(() => first.pings('10.9.0.21')).toBe(true);
      await soon(() => lab.outsidePings('172.24.4.30')).toBe(true);
    });

    test('a row somebody took away is missed, and made again', async () => {
      const client = new OvsdbClient(lab.remotes.northbound, northbound);
      await client.ready(5000);
      await client.change((change) => {
        change.put('Logical_Router', wanted.id, { nat: [] });
        change.exclude('Port_Group', group.id, 'ports', a.id);
        change.delete('DHCP_Options', [...client.tables.DHCP_Options.rows()][0]!._uuid);
      });
      client.close();
      await soon(() => driver.drifted(everything)).toHaveLength(3);
      await driver.apply(everything);
      expect(await driver.drifted(everything)).toEqual([]);
    });

    test('a row something left behind is found by whose it was, and goes', async () => {
      const [portId, routerId] = [randomUUID(), randomUUID()];
      const client = new OvsdbClient(lab.remotes.northbound, northbound);
      await client.ready(5000);
      await client.change((change) => {
        change.put('DHCP_Options', portDhcpUuid(portId, 4), { external_ids: { [owned.port]: portId } });
        change.put('DNS', portNamesUuid(portId), { external_ids: { [owned.port]: portId } });
        const group = { name: routerName(routerId), external_ids: { [owned.router]: routerId } };
        change.put('HA_Chassis_Group', gatewayGroupUuid(routerId), group);
      });
      client.close();
      await soon(() => driver.present('port')).toContain(portId);
      await soon(() => driver.present('router')).toContain(routerId);
      await driver.apply([
        { kind: 'port', id: portId, wanted: null },
        { kind: 'router', id: routerId, wanted: null },
      ]);
      expect(await driver.present('port')).not.toContain(portId);
      expect(await driver.present('router')).not.toContain(routerId);
    });

    test('deleted, nothing is left: no row, no flow, no device', async () => {
      const flows = async () => {
        const bridge = `unix:${lab.directory}/ovn/switch/br-int.mgmt`;
        const all = await lab.outside('ovs-ofctl', '-O', 'OpenFlow15', 'dump-flows', bridge);
        return [...all.matchAll(/^.*metadata=0x[1-9a-f].*$/gm)].length;
      };
      expect(await flows(), 'what is looked for').toBeGreaterThan(100);
      expect(Object.keys(await rowsIn(lab.remotes.northbound, northboundLeavings)).toSorted()).toEqual([
        'DHCP_Options',
        'HA_Chassis',
        'HA_Chassis_Group',
        'Logical_Router',
        'Logical_Router_Port',
        'Logical_Router_Static_Route',
        'Logical_Switch',
        'Logical_Switch_Port',
        'NAT',
      ]);
      await lab.host.serveMetadata([]);
      await lab.stopGuests();
      await driver.apply(undoing(everything));
      expect(await rowsIn(lab.remotes.northbound, northboundLeavings)).toEqual({});
      await soon(() => rowsIn(lab.remotes.southbound, southboundLeavings)).toEqual({});
      await soon(flows).toBe(0);
      const devices = await lab.outside('ip', '-br', 'link');
      expect(devices).not.toMatch(/^(tap|mdp|mdq)/m);
      expect(await lab.host.orphans({ ports: [], networks: [] })).toEqual([]);
      const namespaces = await lab.outside('ip', 'netns', 'list');
      expect(namespaces.split('\n').filter((line) => line.startsWith(lab.namespace))).toHaveLength(1);
    });
  });
});

const southboundLeavings = {
  database: 'OVN_Southbound',
  tables: {
    Port_Binding: { logical_port: text },
    Datapath_Binding: { tunnel_key: integer },
    Logical_Flow: { match: text },
    HA_Chassis_Group: { name: text },
    MAC_Binding: { ip: text },
  },
};
