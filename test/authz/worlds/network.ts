import { SimFabric } from '#drivers/net/sim/fabric.ts';
import { FakeClock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import type { Endpoint } from '#kit/http/endpoint.ts';
import { networkApi } from '#services/network/api.ts';
import { networkMigrations } from '#services/network/migrations/migrations.ts';

import { type ApiClient, serveForTest } from '../../support/api-client.ts';
import { newNetwork } from '../../support/network.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, type Guard, type Guards, ownerIds, type Subject } from '../world.ts';

/** Network with something of each kind for each owner. */
export const networkSubject: Subject = { api: networkApi, build };

/** An id by the first word of the path it goes into. */
type Things = Readonly<Record<string, string>>;

/** Each owner has one of everything; nothing is shared. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const { service, things, close } = await populate(database);
  return {
    service,
    ask: (endpoint, owner) => ({
      params: {
        id: things[owner][collectionOf(endpoint)] ?? 'none',
        network_id: things[owner].networks!,
        project_id: ownerIds[owner].project,
        alias: 'router',
        tag: 'tag',
      },
    }),
    guards,
    target: ({ path }, owner, caller) => {
      // what is made is the caller's own; before the body is read it may yet go onto a network everyone shares
      const project = path.includes('{') ? ownerIds[owner].project : caller.projectId;
      return {
        project_id: project,
        'network:project_id': project,
        'security_group:project_id': project,
        shared: !path.includes('{'),
        'router:external': !path.includes('{'),
      };
    },
    async close() {
      await close();
      await service.stop();
      await remove();
    },
  };
}

/** Everyone may see the quotas of their own project. */
const quotas: Guard = {
  rule: 'get_quota',
  unless: (owner, caller) => caller.projectId === ownerIds[owner].project,
};

const guards: Guards = {
  '/quotas/{project_id}': quotas,
  '/quotas/{project_id}/default': quotas,
  '/quotas/{project_id}/details': quotas,
  '/quotas/{project_id}/details.json': quotas,
  '/agents/{id}': { rule: 'get_agent' },
  '/network-ip-availabilities/{network_id}': { rule: 'get_network_ip_availability' },
};

const collectionOf = ({ path }: Endpoint): string => path.split('/')[1]!;

async function populate(database: Database) {
  await migrate(database, networkMigrations, 0);
  const fabric = new SimFabric();
  fabric.addHost('host');
  const { service } = newNetwork(database, fabric, new FakeClock());
  const { client, close } = await serveForTest(networkApi, service);
  const make = (path: string, as: string, fields: object) => makeWith(client, path, as, fields);
  const outside = await make('networks', 'admin', { 'router:external': true });
  await make('subnets', 'admin', { network_id: outside, ip_version: 4, cidr: '203.0.113.0/24' });
  const rules = await client.get('/default-security-group-rules', { as: 'admin' });
  const agents = await client.get('/agents', { as: 'admin' });
  const everybodys = {
    'default-security-group-rules': rules.body.default_security_group_rules[0].id,
    agents: agents.body.agents[0].id,
  };
  const of = async (as: string, net: string): Promise<Things> => {
    const networks = await make('networks', as, {});
    const groups = await make('security-groups', as, { name: 'group' });
    return {
      ...everybodys,
      networks,
      subnets: await make('subnets', as, { network_id: networks, ip_version: 4, cidr: `${net}.0/24` }),
      ports: await make('ports', as, { network_id: networks }),
      'security-groups': groups,
      'security-group-rules': await make('security-group-rules', as, {
        security_group_id: groups,
        direction: 'ingress',
      }),
      'address-groups': await make('address-groups', as, { addresses: [`${net}.9/32`] }),
      routers: await make('routers', as, {}),
      floatingips: await make('floatingips', as, { floating_network_id: outside }),
      subnetpools: await make('subnetpools', as, { name: 'pool', prefixes: [`${net}.0/24`] }),
      'address-scopes': await make('address-scopes', as, { name: 'scope', ip_version: 4 }),
      'rbac-policies': await make('rbac-policies', as, {
        object_type: 'network',
        object_id: networks,
        action: 'access_as_shared',
        target_tenant: 'project-d',
      }),
    };
  };
  const things = { a: await of('member', '10.0.1'), b: await of('stranger', '10.0.2') };
  return { service, things, close };
}

/** Makes a thing and answers its id. */
async function makeWith(client: ApiClient, path: string, as: string, fields: object): Promise<string> {
  const name = path.replaceAll('-', '_').replace(/ies$/, 'y').replace(/s$/, '');
  const { status, body } = await client.post(`/${path}`, { [name]: fields }, { as });
  if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body[name].id;
}
