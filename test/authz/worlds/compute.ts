import { computeApi } from '#services/compute/api.ts';

import { ComputeWorld } from '../../support/compute-world/world.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, type Owner, ownerIds, paramsOf, type Subject } from '../world.ts';

/** Compute with a server, a key pair and a server group of each owner. */
export const computeSubject: Subject = { api: computeApi, build };

/** Each owner has a server, a key pair and a server group. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const world = await ComputeWorld.open(database);
  const aggregate = await make(world, 'admin', '/os-aggregates', { aggregate: { name: 'aggregate' } });
  const things = { a: await thingsOf(world, 'member'), b: await thingsOf(world, 'stranger') };
  const idIn = (collection: string, owner: Owner): string => {
    if (collection === 'os-server-groups') return things[owner].group;
    if (collection === 'os-aggregates') return aggregate.id;
    if (collection === 'os-quota-class-sets') return 'default';
    return ownerIds[owner].project;
  };
  return {
    service: world.compute,
    ask: ({ path }, owner) => ({
      params: {
        server_id: things[owner].server,
        id: idIn(path.split('/')[1]!, owner),
        name: 'key',
        key: 'key',
        tag: 'tag',
        flavor_id: '1',
        alias: 'servers',
      },
      ...(path.startsWith('/os-keypairs') && { query: `user_id=${ownerIds[owner].user}` }),
    }),
    target: ({ method, path }, owner, caller) => {
      const named =
        (paramsOf(path).length > 0 && isOwned(path)) || (path === '/os-keypairs' && method === 'GET');
      // what is made or listed is the caller's own, and so is what another service decides about
      return named
        ? { project_id: ownerIds[owner].project, user_id: ownerIds[owner].user }
        : { project_id: caller.projectId, user_id: caller.userId };
    },
    async close() {
      await world.sagas.idle();
      await world.close();
      await remove();
    },
  };
}

const isOwned = (path: string): boolean =>
  path.includes('{server_id}') ||
  /^\/(os-keypairs|os-server-groups|os-quota-sets|os-simple-tenant-usage)\//.test(path);

async function thingsOf(world: ComputeWorld, as: string): Promise<{ server: string; group: string }> {
  await make(world, as, '/os-keypairs', { keypair: { name: 'key', type: 'ssh', public_key: publicKey } });
  const group = await make(world, as, '/os-server-groups', {
    server_group: { name: 'group', policy: 'affinity' },
  });
  const { id: server } = await make(world, as, '/servers', {
    server: {
      name: 'vm',
      imageRef: world.imageId,
      flavorRef: '1',
      networks: 'none',
      metadata: { key: 'value' },
      tags: ['tag'],
    },
  });
  await world.sagas.idle();
  return { server, group: group.id };
}

/** Makes a thing and answers what it is shown as. */
async function make(
  world: ComputeWorld,
  as: string,
  path: string,
  body: Record<string, object>,
): Promise<{ id: string }> {
  const answer = await world.send('POST', path, body, { as });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body[Object.keys(body)[0]!];
}

const publicKey = `ssh-ed25519 ${Buffer.concat([
  Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
  Buffer.alloc(32, 7),
]).toString('base64')}`;
