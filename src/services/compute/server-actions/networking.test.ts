import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('security groups of servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  const web = { id: crypto.randomUUID(), name: 'web', description: '', projectId: 'project-a' };
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
    world.network.groups.set(web.id, web);
  });
  afterAll(() => world.close());

  const refusal = async (id: string, action: string, name: string) => {
    const answer = await world.act(id, action, { name });
    return [answer.status, answer.body.itemNotFound?.message];
  };

  test.each(['addSecurityGroup', 'removeSecurityGroup'])('%s needs a group and a port', async (action) => {
    const id = await world.makeServer();
    expect(await refusal(id, action, 'none')).toEqual([
      404,
      'Security group none is not found for project project-a',
    ]);
    const alone = await world.makeServer({ networks: 'none' });
    expect(await refusal(alone, action, 'web')).toEqual([
      404,
      `instance_id ${alone} could not be found as device id on any ports`,
    ]);
  });

  test('a group is taken from those that are in it', async () => {
    const id = await world.makeServer();
    expect(await refusal(id, 'removeSecurityGroup', 'web')).toEqual([
      404,
      `Security group web not associated with the instance ${id}`,
    ]);
    expect((await world.act(id, 'addSecurityGroup', { name: 'web' })).status).toBe(202);
    expect((await world.show(id)).security_groups).toContainEqual({ name: 'web' });
    expect((await world.act(id, 'removeSecurityGroup', { name: 'web' })).status).toBe(202);
    expect((await world.show(id)).security_groups).not.toContainEqual({ name: 'web' });
  });
});
