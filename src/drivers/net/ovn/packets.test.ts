import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { MetadataNetwork, MetadataRequest } from '#contracts/metadata.ts';
import { silentLog } from '#kit/log/log.ts';
import type { Guest } from '#test/support/ovn/guest.ts';
import { missingForLab, OvnLab } from '#test/support/ovn/lab.ts';
import {
  addressIn,
  cidrIn,
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

import type { Change, WantedNetwork, WantedPort, WantedRouter } from '../driver.ts';
import { OvnDriver } from './driver.ts';

const missing = missingForLab();

/** What guests see: real packets through a real OVN. */
// the daemons of a busy machine take their time
vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(missing !== '')(`packets (missing: ${missing || 'nothing'})`, () => {
  let lab: OvnLab;
  let driver: OvnDriver;
  const made: Change[] = [];
  const up = new Set<string>();
  beforeAll(async () => {
    lab = await OvnLab.start();
    driver = new OvnDriver({ ...lab.remotes, log: silentLog() });
    driver.onPortStatus((status) => (status.up ? up.add(status.portId) : up.delete(status.portId)));
  }, 30_000);
  afterEach(async () => {
    await lab.host.serveMetadata([]);
    await driver.apply(undoing(made.splice(0)));
    await lab.stopGuests();
  });
  afterAll(async () => {
    await driver?.close();
    await lab?.stop();
  });
  const apply = (things: Parameters<typeof making>[0]) => {
    made.push(...making(things));
    return driver.apply(making(things));
  };
  /** Puts a guest behind a port and waits until its flows are in place. */
  const boot = async (wanted: WantedPort): Promise<Guest> => {
    const guest = await lab.boot({ portId: wanted.id, mac: wanted.mac });
    await expect.poll(() => up.has(wanted.id), { timeout: 5000, interval: 10 }).toBe(true);
    return guest;
  };
  /** The same, with its addresses taken and its first subnet's gateway as default route. */
  const bootWithAddress = async (on: WantedNetwork, wanted: WantedPort): Promise<Guest> => {
    const guest = await boot(wanted);
    for (const { subnetId, address } of wanted.addresses) {
      const of = on.subnets.find(({ id }) => id === subnetId)!;
      await guest.address(`${address}/${of.cidr.split('/')[1]}`, of.gateway ?? undefined);
    }
    return guest;
  };
  const served = (on: WantedNetwork, service: WantedPort): MetadataNetwork => ({
    networkId: on.id,
    portId: service.id,
    mac: service.mac,
    cidrs: on.subnets.map((of) => cidrIn(of, 2)),
    mtu: on.mtu,
  });
  /** A network behind a router with a way out, where the outside is the lab at 172.24.4.1. */
  const withWayOut = async (more: Partial<WantedRouter> = {}) => {
    const inner = network();
    const outer = externalNetwork();
    const exit = gateway(outer, 10, [inner]);
    const { router: wanted, ports } = router([inner], { gateway: exit.gateway, ...more });
    await apply({ networks: [inner, outer], ports: [exit.port, ...ports], routers: [wanted] });
    return { inner, wanted };
  };
  /** New neighbours and gateways take a moment to be found. */
  const soon = (what: () => Promise<unknown>) => expect.poll(what, { timeout: 30_000, interval: 100 });

  describe('DHCP', () => {
    test('a lease brings address, gateway, servers, routes and MTU', async () => {
      const of = subnet('10.9.0.0/24', {
        dnsServers: ['10.9.0.53', '9.9.9.9'],
        routes: [{ destination: '10.77.0.0/16', nexthop: '10.9.0.7' }],
      });
      const { network: on, service } = withServicePort(network([of]));
      const wanted = port(on, 10);
      await apply({ networks: [on], ports: [service, wanted] });
      const guest = await boot(wanted);
      expect(await guest.lease()).toMatchObject({
        ip: '10.9.0.10',
        mask: '24',
        router: '10.9.0.1',
        serverid: '10.9.0.1',
        dns: '10.9.0.53 9.9.9.9',
        mtu: '1442',
        lease: '43200',
        staticroutes: '169.254.169.254/32 10.9.0.2 10.77.0.0/16 10.9.0.7 0.0.0.0/0 10.9.0.1',
      });
    });

    test('a subnet without a gateway is served by the service port', async () => {
      const { network: on, service } = withServicePort(network([subnet('10.9.0.0/24', { gateway: null })]));
      const wanted = port(on, 10);
      await apply({ networks: [on], ports: [service, wanted] });
      const lease = await (await boot(wanted)).lease();
      expect(lease).toMatchObject({ ip: '10.9.0.10', serverid: '10.9.0.2' });
      expect(lease).not.toHaveProperty('router');
    });

    test('a port overrides options, also when its subnet changes later, and may have none at all', async () => {
      const on = network();
      const own = port(on, 10, {
        dhcpOptions: [
          { name: 'ntp-server', value: '10.9.0.123', version: 4 },
          { name: '26', value: '1300', version: 4 },
          { name: 'domain-name', value: 'example.org', version: 4 },
          { name: 'mtu', value: '1); drop;', version: 4 },
        ],
      });
      const none = port(on, 11, { dhcpOptions: [{ name: 'dhcp_disabled', value: 'true', version: 4 }] });
      await apply({ networks: [on], ports: [own, none] });
      const guest = await boot(own);
      expect(await guest.lease()).toMatchObject({ ntpsrv: '10.9.0.123', mtu: '1300', domain: 'example.org' });
      const [of] = on.subnets;
      await apply({ networks: [{ ...on, subnets: [{ ...of!, dnsServers: ['9.9.9.9'] }] }] });
      await soon(() => guest.lease()).toMatchObject({ dns: '9.9.9.9', mtu: '1300' });
      expect(await (await boot(none)).lease()).toBeUndefined();
    });

    test('DHCP of a subnet is switched off and on without touching its ports', async () => {
      const on = network();
      const wanted = port(on, 10);
      await apply({ networks: [on], ports: [wanted] });
      const guest = await boot(wanted);
      expect(await guest.lease()).toMatchObject({ ip: '10.9.0.10' });
      const [of] = on.subnets;
      await apply({ networks: [{ ...on, subnets: [{ ...of!, dhcp: false }] }] });
      await soon(() => guest.lease()).toBeUndefined();
      await apply({ networks: [on] });
      await soon(() => guest.lease()).toMatchObject({ ip: '10.9.0.10' });
      expect(await driver.drifted(making({ ports: [wanted] }))).toEqual([]);
    });
  });

  describe('names', () => {
    // whom they ask does not matter, as long as there is somebody
    const ask = (guest: Guest, name: string) =>
      guest
        .run('busybox', 'timeout', '3', 'busybox', 'nslookup', name, '10.9.0.11')
        .catch((error: { stdout: string }) => error.stdout);

    test('a port’s names lead to its addresses and back, in its network, until they are others', async () => {
      const on = network([subnet('10.9.0.0/24'), subnet('fd00:9::/64')]);
      const other = network();
      const [asking, stranger] = [port(on, 10), port(other, 10)];
      const web = port(on, 11, { names: ['web', 'web.example.org'] });
      await apply({ networks: [on, other], ports: [asking, stranger, web] });
      const guest = await bootWithAddress(on, asking);
      await bootWithAddress(on, web);
      await soon(() => ask(guest, 'web.example.org')).toContain('Address: 10.9.0.11');
      expect(await ask(guest, 'web.example.org')).toContain('Address: fd00:9::b');
      expect(await ask(guest, 'WEB.example.org')).toContain('Address: 10.9.0.11');
      expect(await ask(guest, '10.9.0.11')).toContain('name = web.example.org');
      expect(await ask(guest, 'fd00:9::b')).toContain('name = web.example.org');
      expect(await ask(await bootWithAddress(other, stranger), 'web.example.org')).not.toContain('10.9.0.11');
      await apply({ ports: [{ ...web, names: ['db.example.org'] }] });
      await soon(() => ask(guest, 'db.example.org')).toContain('Address: 10.9.0.11');
      expect(await ask(guest, 'web.example.org')).not.toContain('10.9.0.11');
      await apply({ ports: [{ ...web, names: [] }] });
      await soon(() => ask(guest, 'db.example.org')).not.toContain('10.9.0.11');
    });
  });

  describe('within a network', () => {
    test('two ports reach each other, and nobody on another network with the same addresses', async () => {
      const [on, other] = [network(), network()];
      const [a, b, stranger] = [port(on, 10), port(on, 11), port(other, 12)];
      await apply({ networks: [on, other], ports: [a, b, stranger] });
      const first = await bootWithAddress(on, a);
      await bootWithAddress(on, b);
      await bootWithAddress(other, stranger);
      expect(await first.pings('10.9.0.11')).toBe(true);
      expect(await first.pings('10.9.0.12')).toBe(false);
    });

    test('a port that is unplugged and plugged in again at once works', async () => {
      const on = network();
      const [a, b] = [port(on, 10), port(on, 11)];
      await apply({ networks: [on], ports: [a, b] });
      await lab.stopGuest(await bootWithAddress(on, a));
      const again = await bootWithAddress(on, a);
      await bootWithAddress(on, b);
      expect(await again.pings('10.9.0.11')).toBe(true);
    });

    test('a port that is switched off passes nothing', async () => {
      const on = network();
      const [a, b] = [port(on, 10), port(on, 11)];
      await apply({ networks: [on], ports: [a, b] });
      const first = await bootWithAddress(on, a);
      await bootWithAddress(on, b);
      expect(await first.pings('10.9.0.11')).toBe(true);
      await apply({ ports: [{ ...b, adminStateUp: false }] });
      await soon(() => first.pings('10.9.0.11')).toBe(false);
      await apply({ ports: [b] });
      await soon(() => first.pings('10.9.0.11')).toBe(true);
    });

    test('guests on a physical network are on the wire', async () => {
      const on = externalNetwork();
      const wanted = port(on, 50);
      await apply({ networks: [on], ports: [wanted] });
      const guest = await bootWithAddress(on, wanted);
      await soon(() => guest.pings('172.24.4.1')).toBe(true);
    });
  });

  describe('a network with a VLAN', () => {
    test('is tagged on the wire', async () => {
      const tagged = externalNetwork();
      const on = { ...tagged, type: 'vlan' as const, segmentationId: 100 };
      const wanted = port(on, 50);
      await apply({ networks: [on], ports: [wanted] });
      const guest = await bootWithAddress(on, wanted);
      expect(await guest.pings('172.24.4.1'), 'who is not in the VLAN').toBe(false);
      const vsctl = (...args: string[]) => lab.outside('ovs-vsctl', `--db=${lab.remotes.switch}`, ...args);
      const options = ['--', 'set', 'interface', 'in100', 'type=internal'];
      await vsctl('add-port', 'br-ex', 'in100', 'tag=100', ...options);
      await lab.outside('ip', 'address', 'add', '172.24.4.99/32', 'dev', 'in100');
      await lab.outside('ip', 'link', 'set', 'in100', 'up');
      await lab.outside('ip', 'route', 'add', '172.24.4.50/32', 'dev', 'in100', 'src', '172.24.4.99');
      await soon(() => guest.pings('172.24.4.99')).toBe(true);
      await vsctl('del-port', 'in100');
    });
  });

  describe('security groups', () => {
    const two = async (group: ReturnType<typeof securityGroup>, more: Partial<WantedPort> = {}) => {
      const on = network();
      const secured = { portSecurity: true, ...more };
      const server = port(on, 10, { ...secured, securityGroups: [group.id] });
      const client = port(on, 11, { portSecurity: true, securityGroups: [group.id] });
      await apply({ networks: [on], groups: [group], ports: [server, client] });
      const guests = [await bootWithAddress(on, server), await bootWithAddress(on, client)] as const;
      return { on, server, client, guests };
    };

    test('nothing comes in but what a rule allows; a new rule counts at once, a removed one too', async () => {
      const web = rule({ protocol: 'tcp', min: 80, max: 80 });
      const group = securityGroup(web);
      const {
        guests: [server, client],
      } = await two(group);
      await server.listen(80);
      await server.listen(81);
      expect(await client.connect('10.9.0.10', 80)).toBe('10.9.0.11');
      expect(await client.connect('10.9.0.10', 81)).toBeUndefined();
      expect(await client.pings('10.9.0.10')).toBe(false);
      const more = { ...group, rules: [...group.rules, rule({ protocol: 'icmp', min: 8, max: 0 })] };
      await apply({ groups: [more] });
      await soon(() => client.pings('10.9.0.10')).toBe(true);
      await apply({ groups: [{ ...more, rules: more.rules.filter(({ id }) => id !== web.id) }] });
      await soon(() => client.connect('10.9.0.10', 80)).toBeUndefined();
    });

    test('a range of ports and a remote prefix', async () => {
      const group = securityGroup(
        rule({ protocol: '6', min: 8000, max: 8001, remoteCidr: '10.9.0.11/32' }),
        rule({ protocol: 'tcp', min: 9000, max: 9000, remoteCidr: '10.9.0.12/32' }),
        rule({ protocol: 'icmp', remoteCidr: '0.0.0.0/0' }),
      );
      const {
        guests: [server, client],
      } = await two(group);
      for (const listening of [8000, 8001, 8002, 9000]) await server.listen(listening);
      expect(await client.connect('10.9.0.10', 8001)).toBe('10.9.0.11');
      expect(await client.connect('10.9.0.10', 8002)).toBeUndefined();
      expect(await client.connect('10.9.0.10', 9000)).toBeUndefined();
      expect(await client.pings('10.9.0.10')).toBe(true);
    });

    test('a remote group is its members, whoever they are at the time', async () => {
      const [friends, group] = [securityGroup(), securityGroup()];
      const allowing = { ...group, rules: [...group.rules, rule({ remoteGroup: friends.id })] };
      await apply({ groups: [friends] });
      const {
        client,
        guests: [, asking],
      } = await two(allowing);
      expect(await asking.pings('10.9.0.10')).toBe(false);
      await apply({ ports: [{ ...client, securityGroups: [group.id, friends.id] }] });
      await soon(() => asking.pings('10.9.0.10')).toBe(true);
      await apply({ ports: [client] });
      await soon(() => asking.pings('10.9.0.10')).toBe(false);
    });

    test('without a rule for it nothing goes out', async () => {
      const closed = { ...securityGroup(), rules: [] };
      const {
        server,
        guests: [quiet, client],
      } = await two(closed);
      expect(await quiet.pings('10.9.0.11')).toBe(false);
      const open = securityGroup(rule());
      await apply({ groups: [open], ports: [{ ...server, securityGroups: [open.id] }] });
      expect(await client.pings('10.9.0.10')).toBe(false);
    });

    test('a stateless group wants a rule for answers as well', async () => {
      const group = { ...securityGroup(rule({ protocol: 'tcp', min: 80, max: 80 })), stateful: false };
      const {
        guests: [server, client],
      } = await two(group);
      await server.listen(80);
      expect(await client.connect('10.9.0.10', 80), 'the answer to the client is not let in').toBeUndefined();
      await apply({ groups: [{ ...group, rules: [...group.rules, rule({ protocol: 'tcp' })] }] });
      await soon(() => client.connect('10.9.0.10', 80)).toBe('10.9.0.11');
    });
  });

  describe('port security', () => {
    const spoofing = async (more: Partial<WantedPort>) => {
      const on = network();
      const group = securityGroup(rule(), rule({ version: 6 }));
      const sender = port(on, 10, { portSecurity: true, securityGroups: [group.id], ...more });
      const receiver = port(on, 11);
      await apply({ networks: [on], groups: [group], ports: [sender, receiver] });
      const guest = await bootWithAddress(on, sender);
      await bootWithAddress(on, receiver);
      await guest.address('10.9.0.99/24');
      return { sender, guest };
    };

    test('an address that is not the port’s is dropped, until port security is off', async () => {
      const { sender, guest } = await spoofing({});
      expect(await guest.pings('10.9.0.11')).toBe(true);
      expect(await guest.pings('10.9.0.11', '-I', '10.9.0.99')).toBe(false);
      await apply({ ports: [{ ...sender, portSecurity: false, securityGroups: [] }] });
      await soon(() => guest.pings('10.9.0.11', '-I', '10.9.0.99')).toBe(true);
    });

    test('a MAC address that is not the port’s is dropped', async () => {
      const { sender, guest } = await spoofing({});
      const change = (mac: string) => guest.run('ip', 'link', 'set', 'dev', 'eth0', 'address', mac);
      await change('fa:16:3e:66:66:66');
      expect(await guest.pings('10.9.0.11')).toBe(false);
      await change(sender.mac);
      await soon(() => guest.pings('10.9.0.11')).toBe(true);
    });

    test('an allowed address pair passes, a whole prefix too', async () => {
      const on = { mac: 'fa:16:3e:55:55:55', address: '10.9.0.99' };
      const { sender, guest } = await spoofing({ allowedAddressPairs: [on] });
      expect(await guest.pings('10.9.0.11', '-I', '10.9.0.99'), 'only with the pair’s MAC').toBe(false);
      await apply({
        ports: [{ ...sender, allowedAddressPairs: [{ mac: sender.mac, address: '10.9.0.96/28' }] }],
      });
      await soon(() => guest.pings('10.9.0.11', '-I', '10.9.0.99')).toBe(true);
    });

    test('a pair of everything lets any address pass, but no other MAC address', async () => {
      const { sender, guest } = await spoofing({});
      await apply({
        ports: [{ ...sender, allowedAddressPairs: [{ mac: sender.mac, address: '0.0.0.0/0' }] }],
      });
      await soon(() => guest.pings('10.9.0.11', '-I', '10.9.0.99')).toBe(true);
      await guest.run('ip', 'link', 'set', 'dev', 'eth0', 'address', 'fa:16:3e:66:66:66');
      expect(await guest.pings('10.9.0.11')).toBe(false);
    });

    test('guests take an address in turn that stands for them, from inside and by its floating IP', async () => {
      const { inner, wanted } = await withWayOut();
      const shared = port(inner, 50, { host: '', deviceOwner: '' });
      const pair = (mac: string) => [{ mac, address: '10.9.0.50' }];
      const members = [port(inner, 20, { portSecurity: true }), port(inner, 21, { portSecurity: true })].map(
        (member) => ({ ...member, allowedAddressPairs: pair(member.mac) }),
      );
      const group = securityGroup(rule());
      const client = port(inner, 22);
      const floating = { id: randomUUID(), floatingAddress: '172.24.4.50', fixedAddress: '10.9.0.50' };
      await apply({
        groups: [group],
        ports: [
          client,
          ...members.map((member) => ({ ...member, securityGroups: [group.id] })),
          { ...shared, shared: { address: '10.9.0.50', holders: members.map(({ id }) => id) } },
        ],
        routers: [{ ...wanted, floatingIps: [{ ...floating, portId: shared.id }] }],
      });
      const asking = await bootWithAddress(inner, client);
      const guests = [await bootWithAddress(inner, members[0]!), await bootWithAddress(inner, members[1]!)];
      for (const holder of guests) {
        await holder.address('10.9.0.50/24');
        await holder.run('busybox', 'arping', '-U', '-c', '2', '-I', 'eth0', '10.9.0.50');
        await holder.listen(80);
        await soon(() => asking.connect('10.9.0.50', 80)).toBe('10.9.0.22');
        await soon(() => lab.outsideConnects('172.24.4.50', 80)).toBe('172.24.4.1');
        await holder.run('ip', 'address', 'delete', '10.9.0.50/24', 'dev', 'eth0');
      }
    });
  });

  describe('routers', () => {
    test('two networks reach each other, and no longer once one leaves the router', async () => {
      const [left, right] = [network([subnet('10.1.0.0/24')]), network([subnet('10.2.0.0/24')])];
      const { router: wanted, ports } = router([left, right]);
      const [a, b] = [port(left, 10), port(right, 10)];
      await apply({ networks: [left, right], ports: [a, b, ...ports], routers: [wanted] });
      const first = await bootWithAddress(left, a);
      await bootWithAddress(right, b);
      await soon(() => first.pings('10.2.0.10')).toBe(true);
      await apply({ routers: [{ ...wanted, interfaces: wanted.interfaces.slice(0, 1) }] });
      await soon(() => first.pings('10.2.0.10')).toBe(false);
      await apply({ routers: [{ ...wanted, adminStateUp: false }] });
      await soon(() => first.pings('10.1.0.1')).toBe(false);
    });

    test('an extra route leads through a guest', async () => {
      const [left, right] = [network([subnet('10.1.0.0/24')]), network([subnet('10.2.0.0/24')])];
      const { router: wanted, ports } = router([left, right], {
        routes: [{ destination: '10.88.0.0/16', nexthop: '10.2.0.10' }],
      });
      const [a, b] = [port(left, 10), port(right, 10)];
      await apply({ networks: [left, right], ports: [a, b, ...ports], routers: [wanted] });
      const first = await bootWithAddress(left, a);
      const second = await bootWithAddress(right, b);
      await second.address('10.88.0.1/32');
      await soon(() => first.pings('10.88.0.1')).toBe(true);
    });

    test('extra routes to one destination share the traffic', async () => {
      const [left, right] = [network([subnet('10.1.0.0/24')]), network([subnet('10.2.0.0/24')])];
      const to = (nexthop: string) => ({ destination: '10.88.0.0/16', nexthop });
      const { router: wanted, ports } = router([left, right], { routes: [to('10.2.0.10'), to('10.2.0.11')] });
      const [a, b, c] = [port(left, 10), port(right, 10), port(right, 11)];
      await apply({ networks: [left, right], ports: [a, b, c, ...ports], routers: [wanted] });
      const asking = await bootWithAddress(left, a);
      const [open, closed] = [await bootWithAddress(right, b), await bootWithAddress(right, c)];
      for (const guest of [open, closed]) await guest.address('10.88.0.1/32');
      await open.listen(80);
      const answers = () => asking.connect('10.88.0.1', 80).then((said) => said !== undefined);
      await soon(answers).toBe(true);
      await soon(answers).toBe(false);
      await soon(answers).toBe(true);
    });

    test('the way out hides guests behind the router’s address; without it only the router is seen', async () => {
      await lab.listenOutside(7000);
      const { inner, wanted } = await withWayOut();
      const own = port(inner, 20);
      await apply({ ports: [own] });
      const guest = await bootWithAddress(inner, own);
      await soon(() => guest.pings('172.24.4.1')).toBe(true);
      expect(await guest.connect('172.24.4.1', 7000)).toBe('172.24.4.10');
      const { gateway: exit } = wanted;
      await apply({ routers: [{ ...wanted, gateway: { ...exit!, snat: false } }] });
      await soon(() => guest.connect('172.24.4.1', 7000)).toBeUndefined();
      await apply({ routers: [{ ...wanted, gateway: null }] });
      await soon(() => lab.outsidePings('172.24.4.10')).toBe(false);
    });

    test('a floating IP leads in and out, moves to another port, and goes', async () => {
      await lab.listenOutside(7001);
      const { inner, wanted } = await withWayOut();
      const [a, b] = [port(inner, 20), port(inner, 21)];
      await apply({ ports: [a, b] });
      const [first, second] = [await bootWithAddress(inner, a), await bootWithAddress(inner, b)];
      await first.listen(80);
      await second.listen(80);
      const floating = { id: randomUUID(), floatingAddress: '172.24.4.30' };
      const at = (to: WantedPort, address: string) => ({
        ...wanted,
        floatingIps: [{ ...floating, fixedAddress: address, portId: to.id }],
      });
      await apply({ routers: [at(a, '10.9.0.20')] });
      await soon(() => lab.outsidePings('172.24.4.30')).toBe(true);
      expect(await lab.outsideConnects('172.24.4.30', 80)).toBe('172.24.4.1');
      expect(await first.connect('172.24.4.1', 7001)).toBe('172.24.4.30');
      expect(await second.connect('172.24.4.1', 7001)).toBe('172.24.4.10');
      expect(await second.connect('172.24.4.30', 80), 'from within, by way of the gateway').toBeDefined();
      await apply({ routers: [at(b, '10.9.0.21')] });
      await soon(() => second.connect('172.24.4.1', 7001)).toBe('172.24.4.30');
      await apply({ routers: [wanted] });
      await soon(() => lab.outsidePings('172.24.4.30')).toBe(false);
    });
  });

  describe('IPv6', () => {
    const announced = (prefix: string, mode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' = 'slaac') =>
      subnet(prefix, { ipv6AddressMode: mode, ipv6RaMode: mode });

    test('guests make their addresses from a router’s announcements and reach each other through it', async () => {
      const [left, right] = [network([announced('fd00:1::/64')]), network([announced('fd00:2::/64')])];
      const { router: wanted, ports } = router([left, right]);
      const eui64 = (of: WantedNetwork): WantedPort => {
        const own = port(of, 16);
        return { ...own, addresses: [{ ...own.addresses[0]!, address: eui64Address(of, own.mac) }] };
      };
      const [a, b] = [eui64(left), eui64(right)];
      const group = securityGroup(rule({ version: 6, protocol: 'ipv6-icmp' }));
      const secured = (of: WantedPort) => ({ ...of, portSecurity: true, securityGroups: [group.id] });
      await apply({
        networks: [left, right],
        groups: [group],
        ports: [secured(a), secured(b), ...ports],
        routers: [wanted],
      });
      const [first, second] = [await boot(a), await boot(b)];
      const has = (guest: Guest, of: WantedPort) => async () =>
        (await guest.run('ip', '-6', 'address', 'show', 'dev', 'eth0')).includes(of.addresses[0]!.address);
      await soon(has(first, a)).toBe(true);
      await soon(has(second, b)).toBe(true);
      await soon(() => first.pings(b.addresses[0]!.address)).toBe(true);
      expect(await first.run('cat', '/proc/sys/net/ipv6/conf/eth0/mtu')).toBe('1442\n');
    });

    test('the way out translates nothing, and outside must know the way in', async () => {
      const inner = network([subnet('fd00:5::/64')]);
      const plain = externalNetwork();
      const outer = { ...plain, subnets: [...plain.subnets, subnet('fd00:ff::/64', { dhcp: false })] };
      const exit = gateway(outer, 10, [inner]);
      const { router: wanted, ports } = router([inner], {
        gateway: { ...exit.gateway, nexthops: ['172.24.4.1', 'fd00:ff::1'] },
      });
      const own = port(inner, 16);
      await apply({ networks: [inner, outer], ports: [exit.port, own, ...ports], routers: [wanted] });
      const guest = await bootWithAddress(inner, own);
      await lab.outside('ip', 'address', 'replace', 'fd00:ff::1/64', 'dev', 'br-ex', 'nodad');
      await lab.outside('ip', 'route', 'replace', 'fd00:5::/64', 'via', 'fd00:ff::a');
      await soon(() => guest.pings('fd00:ff::1')).toBe(true);
      await soon(() => lab.outsidePings('fd00:5::10')).toBe(true);
      await lab.outside('ip', 'address', 'delete', 'fd00:ff::1/64', 'dev', 'br-ex');
    });

    test('DHCPv6 gives a stateful subnet’s guests their address, any guest the servers', async () => {
      const dns = { dnsServers: ['fd00:3::53'] };
      const stateful = network([{ ...announced('fd00:3::/64', 'dhcpv6-stateful'), ...dns }]);
      const stateless = network([{ ...announced('fd00:4::/64', 'dhcpv6-stateless'), ...dns }]);
      const [a, b] = [port(stateful, 16), port(stateless, 16)];
      await apply({ networks: [stateful, stateless], ports: [a, b] });
      expect(await (await boot(a)).leaseV6('solicit')).toEqual({ address: 'fd00:3::10', dns: 'fd00:3::53' });
      expect(await (await boot(b)).leaseV6('information')).toEqual({ address: null, dns: 'fd00:3::53' });
    });

    test('a stateful subnet says so, and its router hands out no prefix for own addresses', async () => {
      const on = network([announced('fd00:3::/64', 'dhcpv6-stateful')]);
      const { router: wanted, ports } = router([on]);
      const own = port(on, 16);
      await apply({ networks: [on], ports: [own, ...ports], routers: [wanted] });
      const guest = await boot(own);
      await soon(() => guest.run('ip', '-6', 'route', 'show', 'default')).toContain('proto ra');
      expect(await guest.run('ip', '-6', 'address', 'show', 'dev', 'eth0')).not.toContain('fd00:3:');
    });
  });

  describe('metadata', () => {
    const request = async (guest: Guest, path: string, ...options: string[]) =>
      JSON.parse(await guest.fetch(`http://169.254.169.254${path}`, ...options)) as MetadataRequest;

    test('each network’s guests are known by network and address, whatever they claim', async () => {
      const nets = [withServicePort(network()), withServicePort(network())];
      const ports = nets.map(({ network: on }) => port(on, 10));
      await apply({ networks: nets.map((n) => n.network), ports: [...nets.map((n) => n.service), ...ports] });
      await lab.host.serveMetadata(nets.map((n) => served(n.network, n.service)));
      for (const [i, { network: on }] of nets.entries()) {
        const guest = await bootWithAddress(on, ports[i]!);
        await guest.run('ip', 'route', 'replace', '169.254.169.254', 'via', addressIn(on.subnets[0]!, 2));
        const heard = await request(guest, '/openstack/latest?x=1', '-H', 'X-Forwarded-For: 10.9.0.66');
        expect(heard).toMatchObject({
          networkId: on.id,
          sourceAddress: '10.9.0.10',
          method: 'GET',
          path: '/openstack/latest?x=1',
        });
        expect(heard.headers).not.toHaveProperty('x-forwarded-for');
        expect(heard.headers).toHaveProperty('user-agent');
      }
    });

    test('it is reached without a route as well, and what is too large is refused', async () => {
      const { network: on, service } = withServicePort(network());
      const own = port(on, 10);
      await apply({ networks: [on], ports: [service, own] });
      await lab.host.serveMetadata([served(on, service)]);
      const guest = await boot(own);
      await guest.address('10.9.0.10/24');
      await guest.run('ip', 'route', 'replace', '169.254.169.254', 'dev', 'eth0');
      expect(await request(guest, '/')).toMatchObject({ sourceAddress: '10.9.0.10' });
      const status = (...options: string[]) =>
        guest.run(
          'curl',
          '-s',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--max-time',
          '5',
          ...options,
          'http://169.254.169.254/',
        );
      expect(await status('-H', `X-Long: ${'x'.repeat(20_000)}`)).toBe('431');
      expect(await status('--data-binary', 'x'.repeat(100_000))).toBe('413');
      expect(await status('-I')).toBe('200');
    });

    test('a killed agent’s successor serves again; no namespace, no device stays when it is to stop', async () => {
      const { network: on, service } = withServicePort(network());
      const own = port(on, 10);
      await apply({ networks: [on], ports: [service, own] });
      const guest = await bootWithAddress(on, own);
      await guest.run('ip', 'route', 'replace', '169.254.169.254', 'via', '10.9.0.2');
      const devices = async () => (await lab.outside('ip', '-br', 'link')).match(/^md[pq]\S+/gm) ?? [];
      await lab.host.serveMetadata([served(on, service)]);
      await request(guest, '/');
      await lab.replaceAgent();
      await lab.host.serveMetadata([served(on, service)]);
      expect(await request(guest, '/again')).toMatchObject({ networkId: on.id, path: '/again' });
      expect(await devices()).toHaveLength(1);
      await lab.replaceAgent();
      await lab.host.serveMetadata([]);
      expect(await devices()).toEqual([]);
      expect(await lab.host.orphans({ ports: [own.id], networks: [] })).toEqual([]);
    });
  });
});

/** The address a guest makes from a prefix and its MAC address (RFC 4291 appendix A). */
function eui64Address(on: WantedNetwork, mac: string): string {
  const [a, b, c, d, e, f] = mac.split(':').map((byte) => Number.parseInt(byte, 16)) as number[];
  const word = (high: number, low: number) => ((high << 8) | low).toString(16);
  const host = [word(a! ^ 2, b!), word(c!, 0xff), word(0xfe, d!), word(e!, f!)].join(':');
  return on.subnets[0]!.cidr.replace(/::.*/, `::${host}`);
}
