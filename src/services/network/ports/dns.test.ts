import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

import { portNames } from './dns.ts';

describe('names of a port', () => {
  test.each([
    ['', ['corp.example.', 'openstacklocal'], []],
    ['web', ['', 'openstacklocal'], ['web', 'web.openstacklocal']],
    ['web', [''], ['web']],
    ['web', ['corp.example.', 'openstacklocal'], ['web', 'web.corp.example', 'web.openstacklocal']],
    ['web', ['same.', 'same'], ['web', 'web.same']],
    ['web.example.org.', ['corp.example.', 'openstacklocal'], ['web.example.org']],
  ])('%j in %j', (name, domains, names) => {
    expect(portNames(name, ...domains)).toEqual(names);
  });
});

describe('what the engine resolves', () => {
  const databases = sqliteDatabases();
  let network: TestNetwork;
  let networkId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases);
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    ({ id: networkId } = await network.make('networks', { dns_domain: 'corp.example.' }));
    await network.make('subnets', { network_id: networkId, ip_version: 4, cidr: '10.1.0.0/24' });
  });
  const namesOf = (port: Made) => (network.fabric.row('port', port.id) as Made).names;

  test('are the names of its ports, as they are now', async () => {
    const port = await network.make('ports', { network_id: networkId, dns_name: 'Web' });
    expect(port.dns_assignment).toEqual([
      { ip_address: port.fixed_ips[0].ip_address, hostname: 'web', fqdn: 'web.openstacklocal.' },
    ]);
    expect(namesOf(port)).toEqual(['web', 'web.corp.example', 'web.openstacklocal']);
    await network.client.put(`/networks/${networkId}`, { network: { dns_domain: '' } }, { as: 'member' });
    expect(namesOf(port)).toEqual(['web', 'web.openstacklocal']);
    const own = { dns_domain: 'own.example.' };
    await network.client.put(`/ports/${port.id}`, { port: own }, { as: 'member' });
    expect(namesOf(port)).toEqual(['web', 'web.own.example', 'web.openstacklocal']);
    await network.client.put(`/ports/${port.id}`, { port: { dns_name: '' } }, { as: 'member' });
    expect(namesOf(port)).toEqual([]);
  });
});
