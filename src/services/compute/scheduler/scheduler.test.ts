import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

import { matchesExtraSpec } from './extra-specs.ts';
import { aggregateInstanceExtraSpecsFilter } from './filters/aggregate-instance-extra-specs.ts';
import { computeCapabilitiesFilter } from './filters/compute-capabilities.ts';
import { requirementsOf, resourcesOf } from './requirements.ts';

const flavor = (extraSpecs: Record<string, string>) => ({
  id: '1',
  name: 'f',
  vcpus: 2,
  memoryMb: 512,
  rootGb: 10,
  ephemeralGb: 5,
  swapMb: 1500,
  extraSpecs,
});

test('a flavor’s sizes are its resources, unless extra specs say otherwise', () => {
  expect(resourcesOf(flavor({}))).toEqual({ VCPU: 2, MEMORY_MB: 512, DISK_GB: 17 });
  expect(
    resourcesOf(flavor({ 'resources:VCPU': '0', 'resources:CUSTOM_GPU': '1', 'resources1:CUSTOM_GPU': '2' })),
  ).toEqual({ MEMORY_MB: 512, DISK_GB: 17, CUSTOM_GPU: 3 });
});

test('a resource of no class that there is, or no amount, is ignored', () => {
  const specs = {
    'resources:FOO': '1',
    'resources1:vcpu': '8',
    'resources:VCPU': 'many',
    'resources:VGPU': '1',
  };
  expect(resourcesOf(flavor(specs))).toEqual({ VCPU: 2, MEMORY_MB: 512, DISK_GB: 17, VGPU: 1 });
});

test('groups of extra specs may have names, and all fall on the one provider that a host is', () => {
  const specs = {
    'resources_FAST:CUSTOM_GPU': '1',
    'resources-slow:CUSTOM_GPU': '2',
    'trait_FAST:CUSTOM_FAST': 'required',
    'trait2:CUSTOM_OLD': 'forbidden',
    'trait:CUSTOM_MAYBE': 'preferred',
  };
  expect(requirementsOf(flavor(specs), undefined)).toEqual({
    resources: { VCPU: 2, MEMORY_MB: 512, DISK_GB: 17, CUSTOM_GPU: 3 },
    requiredTraits: ['CUSTOM_FAST'],
    forbiddenTraits: ['CUSTOM_OLD'],
  });
});

test.each([
  ['5', '>= 3', true],
  ['2', '>= 3', false],
  ['5', '= 4', true],
  ['4', '== 4', true],
  ['4', '!= 4', false],
  ['abc', 's== abc', true],
  ['abc', 's< abd', true],
  ['x86 avx2', '<in> avx', true],
  [['aes', 'avx'], '<all-in> aes avx', true],
  [['aes'], '<all-in> aes avx', false],
  ['b', '<or> a <or> b', true],
  ['c', '<or> a <or> b', false],
  ['plain', 'plain', true],
  ['plain', 'other', false],
])('extra spec: %j %s is %s', (value, wanted, matches) => {
  expect(matchesExtraSpec(value, wanted)).toBe(matches);
});

test.each(['constructor', '__proto__'])('what every object has is no metadata of a host: %s', (key) => {
  const placing = (spec: string) => ({ server: { flavor: flavor({ [`${spec}:${key}`]: 'x' }) } }) as never;
  const host = { name: 'a', host: { facts: {} }, aggregates: [{ metadata: {} }] } as never;
  const asked = placing('aggregate_instance_extra_specs');
  expect(aggregateInstanceExtraSpecsFilter.passes(host, asked)).toBe(false);
  expect(computeCapabilitiesFilter.passes(host, placing('capabilities'))).toBe(false);
});

describe('scheduling', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      hosts: ['a', 'b', 'c'],
      options: { quota_instances: -1, quota_cores: -1, quota_ram: -1, quota_server_group_members: 3 },
      hypervisor: { vcpus: 8, memoryMb: 65_536, diskGb: 1000 },
    });
  });
  afterAll(() => world.close());

  const hostOf = async (id: string): Promise<string | null> => (await world.show(id))['OS-EXT-SRV-ATTR:host'];
  const place = async (changes: object = {}, hints: object = {}) =>
    hostOf(await world.makeServer(changes, { 'os:scheduler_hints': hints }));
  /** The fault of a server that finds no place. */
  const fault = async (changes: object = {}, hints: object = {}) => {
    const id = await world.requestServer(changes, { 'os:scheduler_hints': hints });
    await world.sagas.idle();
    const shown = await world.show(id);
    expect([shown.status, shown['OS-EXT-STS:task_state']]).toEqual(['ERROR', null]);
    return shown.fault.message;
  };
  const group = async (policy: string) => {
    const body = { server_group: { name: policy, policy } };
    return (await world.send('POST', '/os-server-groups', body)).body.server_group.id;
  };

  test('zones, aggregates and capabilities', async () => {
    const admin = { as: 'admin' };
    const made = await world.send(
      'POST',
      '/os-aggregates',
      { aggregate: { name: 'fast', availability_zone: 'west' } },
      admin,
    );
    const at = `/os-aggregates/${made.body.aggregate.id}/action`;
    await world.send('POST', at, { set_metadata: { metadata: { ssd: 'true' } } }, admin);
    await world.send('POST', at, { add_host: { host: 'c' } }, admin);
    expect(await place({ availability_zone: 'west' })).toBe('c');
    expect(await place({ availability_zone: 'nova' })).not.toBe('c');
    await world.makeFlavor('ssd', { extraSpecs: { 'aggregate_instance_extra_specs:ssd': 'true' } });
    expect(await place({ flavorRef: 'ssd' })).toBe('c');
    await world.makeFlavor('gpu', { extraSpecs: { 'aggregate_instance_extra_specs:gpu': 'true' } });
    expect(await fault({ flavorRef: 'gpu' })).toMatch(/^No valid host was found\. There are not enough/);
    await world.makeFlavor('able', { extraSpecs: { 'capabilities:cpu_info:vendor': 'Stratalith' } });
    expect(await place({ flavorRef: 'able' })).toBeTruthy();
    await world.makeFlavor('unable', { extraSpecs: { 'capabilities:hypervisor_type': 's== vmware' } });
    expect(await fault({ flavorRef: 'unable' })).toMatch(/^No valid host/);
    await world.makeFlavor('avx', { extraSpecs: { 'trait:HW_CPU_X86_AVX2': 'required' } });
    expect(await place({ flavorRef: 'avx' })).toBeTruthy();
    await world.makeFlavor('sgx', { extraSpecs: { 'trait:HW_CPU_X86_SGX': 'required' } });
    expect(await fault({ flavorRef: 'sgx' })).toBe('No valid host was found. ');
    const arm = world.images.put({ id: crypto.randomUUID(), properties: { hw_architecture: 'aarch64' } });
    expect(await fault({ imageRef: arm.id })).toMatch(/^No valid host/);
    await world.send('POST', at, { set_metadata: { metadata: { max_instances_per_host: '1' } } }, admin);
    expect(await fault({ availability_zone: 'west' })).toMatch(/^No valid host/);
    for (const server of await world.compute.servers.ids({ deleted: 'no' }))
      await world.send('DELETE', `/servers/${server}`);
    await world.sagas.idle();
    await world.send('POST', at, { remove_host: { host: 'c' } }, admin);
    await world.send('DELETE', `/os-aggregates/${made.body.aggregate.id}`, undefined, admin);
  });

  test('servers are spread over hosts', async () => {
    const hosts = [await place(), await place(), await place()];
    expect(new Set(hosts)).toEqual(new Set(['a', 'b', 'c']));
  });

  test('no room anywhere, in Nova’s words', async () => {
    await world.makeFlavor('huge', { memoryMb: 1_000_000 });
    expect(await fault({ flavorRef: 'huge' })).toBe('No valid host was found. ');
  });

  test('disabled and lost hosts are passed over', async () => {
    const services = await world.compute.services.list({ binary: 'nova-compute' });
    for (const service of services.filter((s) => s.host !== 'b'))
      await world.send('PUT', `/os-services/${service.uuid}`, { status: 'disabled' }, { as: 'admin' });
    expect([await place(), await place()]).toEqual(['b', 'b']);
    for (const service of services)
      await world.send('PUT', `/os-services/${service.uuid}`, { status: 'enabled' }, { as: 'admin' });
  });

  test('same and different hosts', async () => {
    const first = await world.makeServer();
    const host = await hostOf(first);
    expect(await place({}, { same_host: first })).toBe(host);
    expect(await place({}, { different_host: [first] })).not.toBe(host);
    expect(await fault({}, { same_host: [first], different_host: [first] })).toBe(
      'No valid host was found. There are not enough hosts available.',
    );
  });

  test('groups keep together and apart, also many at once', async () => {
    const together = await group('affinity');
    const ids = [];
    for (let i = 0; i < 3; i++)
      ids.push(await world.requestServer({}, { 'os:scheduler_hints': { group: together } }));
    await world.sagas.idle();
    expect(new Set(await Promise.all(ids.map(hostOf))).size).toBe(1);
    const apart = await group('anti-affinity');
    const body = {
      server: { name: 'x', imageRef: world.imageId, flavorRef: '1', networks: 'none', min_count: 3 },
    };
    await world.send('POST', '/servers', { ...body, 'os:scheduler_hints': { group: apart } });
    await world.sagas.idle();
    const members = (await world.send('GET', `/os-server-groups/${apart}`)).body.server_group.members;
    const hosts = await Promise.all(members.map(hostOf));
    expect(hosts.toSorted()).toEqual(['a', 'b', 'c']);
    const fourth = { server: { ...body.server, min_count: 1 }, 'os:scheduler_hints': { group: apart } };
    expect((await world.send('POST', '/servers', fourth)).body.forbidden.message).toBe(
      'Quota exceeded, too many servers in group',
    );
    await world.send('DELETE', `/servers/${members[0]}`);
    await world.sagas.idle();
    expect(await place({}, { group: apart })).toBe(hosts[0]);
    expect((await world.show(members[1])).server_groups).toEqual([apart]);
  });

  test('soft groups give way', async () => {
    const soft = await group('soft-anti-affinity');
    const hosts = [];
    for (let i = 0; i < 3; i++) hosts.push(await place({}, { group: soft }));
    expect(new Set(hosts).size).toBe(3);
    const near = await group('soft-affinity');
    const [first, second] = [await place({}, { group: near }), await place({}, { group: near })];
    expect(second).toBe(first);
  });
});
