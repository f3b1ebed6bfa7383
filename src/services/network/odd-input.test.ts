import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

import { addressGroups } from './address-groups/noun.ts';
import { addressScopes } from './address-scopes/noun.ts';
import { floatingIps } from './floatingips/noun.ts';
import { networks } from './networks/noun.ts';
import { ports } from './ports/noun.ts';
import { rbacPolicies } from './rbac-policies/noun.ts';
import type { Attributes } from './resource/attribute.ts';
import { routers } from './routers/noun.ts';
import { securityGroupRules } from './security-group-rules/noun.ts';
import { securityGroups } from './security-groups/noun.ts';
import { subnetPools } from './subnetpools/noun.ts';
import { subnets } from './subnets/noun.ts';

/** Values nobody should send. */
const odd: readonly unknown[] = [
  null,
  '',
  'x',
  'None',
  ' ',
  0,
  -1,
  1.5,
  1e20,
  true,
  [],
  {},
  [null],
  ['a'],
  [{}],
  [[]],
  { a: null },
  'y'.repeat(300),
  'z'.repeat(70_000),
  'nul\u0000',
  '\ud800',
  '🦊',
  '%',
  "'; --",
  '../..',
  '1e400',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.256',
  '::/0',
  '0.0.0.0/0',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  '10.1.0.77',
  '2001:db8::/64',
  'ff:ff:ff:ff:ff:ff',
  '00000000-0000-0000-0000-000000000000',
  65_536,
  [{ ip_address: '10.1.0.77' }, { ip_address: '10.1.0.77' }],
  [{ subnet_id: null, ip_address: null }],
  [{ subnet_id: '\u0000', ip_address: '::' }],
  [{ start: 'x', end: null }],
  [{ destination: '::/0', nexthop: '10.1.0.9' }],
  [{ opt_name: 'x'.repeat(300), opt_value: {}, ip_version: 9 }],
  [{ mac_address: '0', ip_address: '0/0' }],
  { network_id: null, external_fixed_ips: [null] },
  { network_id: 'x', enable_snat: 'y', external_fixed_ips: 'z' },
];

const words = [
  '',
  '\u0000',
  '-1',
  '9'.repeat(40),
  'a,b',
  "'",
  'x'.repeat(400),
  'true',
  '🦊',
  '%',
  'null',
  '[]',
];

describeEachEngine('input that makes no sense', (databases) => {
  let network: TestNetwork;
  let made: Record<string, Made>;
  beforeAll(async () => {
    const any = { quota_port: -1, quota_network: -1, quota_subnet: -1, quota_router: -1 };
    const many = { quota_security_group: -1, quota_security_group_rule: -1, quota_floatingip: -1 };
    network = await serveNetwork(databases, { ...any, ...many, quota_rbac_policy: -1, vni_last: 60_000 });
    made = await oneOfEach();
  });
  afterAll(() => network.close());

  async function oneOfEach(): Promise<Record<string, Made>> {
    const make = (collection: string, fields: object) => network.make(collection, fields, { as: 'admin' });
    const inside = await make('networks', {});
    const outside = await make('networks', { 'router:external': true });
    const group = await make('security-groups', { name: 'g' });
    const spare = await make('networks', {});
    await make('subnets', { network_id: outside.id, ip_version: 4, cidr: '172.24.4.0/24' });
    const valid: Record<string, object> = {
      subnet: { network_id: spare.id, ip_version: 4, cidr: '10.1.0.0/24' },
      port: { network_id: inside.id },
      router: {},
      network: {},
      floatingip: { floating_network_id: outside.id },
      security_group: { name: 'g' },
      security_group_rule: { security_group_id: group.id, direction: 'ingress' },
      subnetpool: { name: 'p', prefixes: ['10.0.0.0/16'] },
      address_scope: { name: 's', ip_version: 4 },
      address_group: { name: 'a' },
      rbac_policy: {
        object_type: 'network',
        object_id: inside.id,
        action: 'access_as_shared',
        target_tenant: 'project-x',
      },
    };
    await make('subnets', { network_id: inside.id, ip_version: 4, cidr: '10.1.0.0/24' });
    await make('subnets', {
      network_id: inside.id,
      ip_version: 6,
      cidr: '2001:db8::/64',
      ipv6_ra_mode: 'slaac',
      ipv6_address_mode: 'slaac',
    });
    const all: Record<string, Made> = {};
    for (const { name, collection } of nouns) {
      const resource = await make(collection.replaceAll('_', '-'), valid[name]!);
      all[name] = { valid: valid[name], id: resource.id };
    }
    return all;
  }

  const nouns: readonly { name: string; collection: string; attributes: Attributes }[] = [
    networks,
    subnets,
    ports,
    routers,
    floatingIps,
    securityGroups,
    securityGroupRules,
    subnetPools,
    addressScopes,
    addressGroups,
    rbacPolicies,
  ];
  const pathOf = (collection: string) => `/${collection.replaceAll('_', '-')}`;

  /** Sends one request and answers what was wrong with the answer. */
  async function ask(method: string, path: string, body?: unknown): Promise<string[]> {
    const answer = await network.client.send(method, path, { ...(body !== undefined && { body }) });
    if (answer.status < 500) return [];
    const sent = JSON.stringify(body)?.slice(0, 300) ?? '';
    return [
      `${answer.status} ${method} ${path.slice(0, 200)} ${sent} ${JSON.stringify(answer.body).slice(0, 300)}`,
    ];
  }

  test.each(nouns)(
    '$name: whatever an attribute is given, nothing breaks',
    { timeout: 120_000 },
    async (noun) => {
      const path = pathOf(noun.collection);
      const { valid, id } = made[noun.name];
      const broken: string[] = [];
      for (const [attribute, { post, put }] of Object.entries(noun.attributes))
        for (const value of odd) {
          const fields = { ...valid, [attribute]: value };
          if (post) broken.push(...(await ask('POST', path, { [noun.name]: fields })));
          if (put)
            broken.push(...(await ask('PUT', `${path}/${id}`, { [noun.name]: { [attribute]: value } })));
        }
      for (const value of odd) {
        broken.push(...(await ask('POST', path, { [noun.name]: value })));
        broken.push(...(await ask('POST', path, { [noun.collection]: value })));
        broken.push(...(await ask('PUT', `${path}/${id}`, { [noun.name]: value })));
        broken.push(...(await ask('POST', path, value ?? [])));
      }
      expect(broken).toEqual([]);
    },
  );

  test.each(nouns)('$name: whatever a list is asked, nothing breaks', { timeout: 120_000 }, async (noun) => {
    const path = pathOf(noun.collection);
    const broken: string[] = [];
    const keys = [
      'limit',
      'marker',
      'sort_key',
      'sort_dir',
      'fields',
      'tags',
      'not-tags-any',
      'page_reverse',
    ];
    for (const key of [...Object.keys(noun.attributes), ...keys, 'changed_since', 'no_such'])
      for (const word of words)
        broken.push(...(await ask('GET', `${path}?${key}=${encodeURIComponent(word)}`)));
    for (const word of words.slice(1)) {
      const hostile = `${path}/${encodeURIComponent(word)}`;
      for (const method of ['GET', 'DELETE']) broken.push(...(await ask(method, hostile)));
      broken.push(...(await ask('PUT', hostile, { [noun.name]: { name: 'x' } })));
    }
    expect(broken).toEqual([]);
  });

  test('actions: whatever they are given, nothing breaks', { timeout: 120_000 }, async () => {
    const router = `/routers/${made.router.id}`;
    const broken: string[] = [];
    for (const value of odd) {
      for (const action of ['add_router_interface', 'remove_router_interface'])
        for (const key of ['subnet_id', 'port_id'])
          broken.push(...(await ask('PUT', `${router}/${action}`, { [key]: value })));
      for (const action of ['add_extraroutes', 'remove_extraroutes'])
        broken.push(...(await ask('PUT', `${router}/${action}`, { router: { routes: value } })));
      for (const action of ['add_prefixes', 'remove_prefixes'])
        broken.push(
          ...(await ask('PUT', `/subnetpools/${made.subnetpool.id}/${action}`, { prefixes: value })),
        );
      broken.push(
        ...(await ask('PUT', `/subnetpools/${made.subnetpool.id}/onboard_network_subnets`, {
          network_id: value,
        })),
      );
      for (const action of ['add_addresses', 'remove_addresses'])
        broken.push(
          ...(await ask('PUT', `/address-groups/${made.address_group.id}/${action}`, { addresses: value })),
        );
      broken.push(...(await ask('PUT', `/networks/${made.network.id}/tags`, { tags: value })));
      broken.push(...(await ask('POST', `/networks/${made.network.id}/tags`, { tags: value })));
      broken.push(...(await ask('PUT', '/quotas/project-x', { quota: { network: value } })));
      broken.push(...(await ask('PUT', '/quotas/project-x', { quota: value })));
      broken.push(
        ...(await ask('POST', '/default-security-group-rules', {
          default_security_group_rule: { protocol: value, direction: 'ingress' },
        })),
      );
    }
    expect(broken).toEqual([]);
  });
});
