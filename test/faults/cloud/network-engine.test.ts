import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OvnDriver } from '#drivers/net/ovn/driver.ts';
import { systemClock } from '#kit/clock/clock.ts';
import { migrate } from '#kit/db/migrations.ts';
import { silentLog } from '#kit/log/log.ts';
import { Loops } from '#kit/loop/loops.ts';
import { networkApi } from '#services/network/api.ts';
import { assembleNetwork, type AssembledNetwork } from '#services/network/assembly.ts';
import { networkMigrations } from '#services/network/migrations/migrations.ts';
import { converge } from '#services/network/outbox/convergence.ts';

import { type ApiClient, serveForTest } from '../../support/api-client.ts';
import { sqliteDatabases } from '../../support/databases.ts';
import { type Made, networkOptionDefaults } from '../../support/network.ts';
import { missingForLab, OvnLab } from '../../support/ovn/lab.ts';
import { northboundLeavings, rowsIn } from '../../support/ovn/rows.ts';

// Users of Network while the daemons of its engine are killed at random moments: every request succeeds, and in the end
// the engine has what the database wants and nothing else. SEED repeats the random choices.

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const users = 3;
const kills = 12;
const daemons = ['ovn-nb', 'ovn-sb', 'ovn-northd', 'ovs-db', 'ovs-vswitchd', 'ovn-controller'];

const missing = missingForLab();
const databases = sqliteDatabases();
const soon = (what: () => unknown) => expect.poll(what, { timeout: 60_000, interval: 100 });

/** What a user has made, and the requests that take it away. */
interface Household {
  readonly port: Made;
  readonly floating: Made;
  readonly leave: () => Promise<void>;
}

describe.skipIf(missing !== '')(
  `the network engine's daemons are killed (missing: ${missing || 'nothing'})`,
  () => {
    let lab: OvnLab;
    let driver: OvnDriver;
    let network: AssembledNetwork;
    let loops: Loops;
    let client: ApiClient;
    let closeApi: () => Promise<void>;
    let outside: Made;
    const kept: Household[] = [];

    beforeAll(async () => {
      process.stderr.write(`network engine: SEED=${seed}\n`);
      lab = await OvnLab.start('strata-faults');
      driver = new OvnDriver({ ...lab.remotes, log: silentLog() });
      const database = await databases.open();
      await migrate(database, networkMigrations, 0);
      const unlimited = { quota_network: -1, quota_subnet: -1, quota_port: -1, quota_router: -1 };
      const options = { ...networkOptionDefaults(), ...unlimited, quota_floatingip: -1, settle_timeout: 1 };
      network = assembleNetwork({ database, clock: systemClock, log: silentLog(), options, driver });
      loops = new Loops(silentLog());
      loops.add(...network.loops);
      loops.start();
      ({ client, close: closeApi } = await serveForTest(networkApi, network.service));
      const physical = { 'provider:network_type': 'flat', 'provider:physical_network': 'public' };
      outside = await make('networks', { 'router:external': true, ...physical });
      const range = { cidr: '172.24.4.0/24', gateway_ip: '172.24.4.1', enable_dhcp: false };
      await make('subnets', { network_id: outside.id, ip_version: 4, ...range });
    }, 60_000);
    afterAll(async () => {
      await closeApi?.();
      await loops?.stop();
      await network?.service.stop();
      await driver?.close();
      await lab?.stop();
    });

    /** A request that must succeed. */
    async function ask(method: string, path: string, body?: object): Promise<Made> {
      const answer = await client.send(method, path, body ? { body } : {});
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    }
    async function make(collection: string, fields: object): Promise<Made> {
      const name = collection.replaceAll('-', '_').replace(/s$/, '');
      return (await ask('POST', `/${collection}`, { [name]: fields }))[name];
    }

    /** A network with a way out, and a port on it with a name, a security group and a floating IP. */
    async function moveIn(): Promise<Household> {
      const { id } = await make('networks', { dns_domain: 'corp.example.' });
      const cidr = { cidr: '10.9.0.0/24', gateway_ip: '10.9.0.1' };
      const subnet = await make('subnets', { network_id: id, ip_version: 4, ...cidr });
      const group = await make('security-groups', { name: 'open' });
      await make('security-group-rules', { security_group_id: group.id, direction: 'ingress' });
      const router = await make('routers', { external_gateway_info: { network_id: outside.id } });
      const joined = { subnet_id: subnet.id };
      await ask('PUT', `/routers/${router.id}/add_router_interface`, joined);
      const port = await make('ports', {
        network_id: id,
        dns_name: 'guest',
        security_groups: [group.id],
        device_owner: 'compute:nova',
        'binding:host_id': 'lab-host',
      });
      const floating = await make('floatingips', { floating_network_id: outside.id, port_id: port.id });
      const leave = async () => {
        await ask('DELETE', `/floatingips/${floating.id}`);
        await ask('DELETE', `/ports/${port.id}`);
        await ask('PUT', `/routers/${router.id}/remove_router_interface`, joined);
        await ask('DELETE', `/routers/${router.id}`);
        await ask('DELETE', `/networks/${id}`);
        await ask('DELETE', `/security-groups/${group.id}`);
      };
      return { port, floating, leave };
    }

    /** How many things the engine has otherwise than the database wants them. */
    const drift = () => {
      const { db, settings } = network.service;
      return converge({ db, settings, driver, log: silentLog() }, Date.now());
    };
    const waiting = () => network.service.db.selectFrom('network_outbox').selectAll().execute();

    test('while users are at work', async () => {
      const killing = new AbortController();
      const work = Promise.all(
        Array.from({ length: users }, async () => {
          while (!killing.signal.aborted) await (await moveIn()).leave();
          kept.push(await moveIn());
        }),
      );
      const victims = fc.record({ daemon: fc.constantFrom(...daemons), pause: fc.nat(600) });
      for (const { daemon, pause } of fc.sample(victims, { seed, numRuns: kills })) {
        await sleep(pause);
        await lab.killDaemon(daemon);
      }
      killing.abort();
      await work;
      await soon(() => driver.connected).toBe(true);
      await soon(waiting).toEqual([]);
      expect(await drift()).toBe(0);
      expect(kept).toHaveLength(users);
    });

    test('while nobody does anything', async () => {
      const [{ port, floating }] = kept as [Household];
      const guest = await lab.boot({ portId: port.id, mac: port.mac_address });
      await guest.address(`${port.fixed_ips[0].ip_address}/24`, '10.9.0.1');
      const status = async () => (await ask('GET', `/ports/${port.id}`)).port.status;
      for (const daemon of daemons) {
        await lab.killDaemon(daemon);
        // the agent's calls come as they come
        await lab.host.plug({ portId: port.id, mac: port.mac_address, mtu: 1442, guestUid: null });
        await soon(() => driver.connected).toBe(true);
        await soon(() => lab.outsidePings(floating.floating_ip_address)).toBe(true);
        expect([daemon, await drift()]).toEqual([daemon, 0]);
      }
      await soon(status).toBe('ACTIVE');
      await lab.stopGuest(guest);
      await soon(status).toBe('DOWN');
    });

    test('what was deleted leaves nothing', async () => {
      for (const { leave } of kept) await leave();
      await ask('DELETE', `/networks/${outside.id}`);
      await soon(waiting).toEqual([]);
      for (const group of (await ask('GET', '/security-groups')).security_groups)
        if (group.name !== 'default') throw new Error(`${group.name} is left`);
      expect(await rowsIn(lab.remotes.northbound, northboundLeavings)).toEqual({});
      expect(await drift()).toBe(0);
    });
  },
);
