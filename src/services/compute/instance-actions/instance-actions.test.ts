import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('instance actions', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let id: string;
  let path: string;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
    id = await world.makeServer();
    path = `/servers/${id}/os-instance-actions`;
    await world.act(id, 'os-stop');
    await world.act(id, 'lock');
  });
  afterAll(() => world.close());

  test('everything done to a server is told, newest first', async () => {
    const { instanceActions } = (await world.send('GET', path)).body;
    expect(instanceActions.map((a: { action: string }) => a.action)).toEqual(['lock', 'stop', 'create']);
    expect(instanceActions[1]).toEqual({
      action: 'stop',
      instance_uuid: id,
      request_id: expect.stringMatching(/^req-/),
      user_id: 'member-user',
      project_id: 'project-a',
      start_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      updated_at: expect.any(String),
      message: null,
    });
    const old = await world.send('GET', path, undefined, { version: '2.57' });
    expect(old.body.instanceActions[0]).not.toHaveProperty('updated_at');
  });

  test('the events are the steps, and administrators see more of them', async () => {
    const { instanceActions } = (await world.send('GET', path)).body;
    const create = `${path}/${instanceActions[2].request_id}`;
    const mine = (await world.send('GET', create)).body.instanceAction.events;
    expect(mine).toHaveLength(1);
    expect(mine[0]).toEqual({
      event: 'compute__do_build_and_run_instance',
      start_time: expect.any(String),
      finish_time: expect.any(String),
      result: 'Success',
      hostId: expect.stringMatching(/^[0-9a-f]{56}$/),
    });
    const theirs = (await world.send('GET', create, undefined, { as: 'admin' })).body.instanceAction.events;
    expect(theirs[0]).toMatchObject({ traceback: null, host: 'host-1', details: null });
    const before = await world.send('GET', create, undefined, { version: '2.50' });
    expect(before.body.instanceAction).not.toHaveProperty('events');
    expect((await world.send('GET', `${path}/req-none`)).body.itemNotFound.message).toBe(
      'Action req-none not found',
    );
  });

  test('an event is told under the name it has in Nova, by whichever steps it is done', async () => {
    const server = await world.makeServer();
    const eventsOf = async (action: string, args: unknown = null) => {
      await world.act(server, action, args, 'admin');
      const at = `/servers/${server}/os-instance-actions`;
      const [last] = (await world.send('GET', at)).body.instanceActions;
      const { events } = (await world.send('GET', `${at}/${last.request_id}`)).body.instanceAction;
      return [last.action, ...events.map(({ event }: { event: string }) => event)];
    };
    expect(await eventsOf('createImage', { name: 'i' })).toEqual([
      'createImage',
      'compute_snapshot_instance',
    ]);
    expect(await eventsOf('resize', { flavorRef: '2' })).toEqual([
      'resize',
      'compute_finish_resize',
      'compute_resize_instance',
      'compute_prep_resize',
      'cold_migrate',
      'conductor_migrate_server',
    ]);
    expect(await eventsOf('revertResize')).toEqual([
      'revertResize',
      'compute_finish_revert_resize',
      'compute_revert_resize',
    ]);
    expect(await eventsOf('rescue')).toEqual(['rescue', 'compute_rescue_instance']);
    expect(await eventsOf('unrescue')).toEqual(['unrescue', 'compute_unrescue_instance']);
    expect(await eventsOf('shelve')).toEqual(['shelve', 'compute_shelve_instance']);
    expect(await eventsOf('unshelve')).toEqual([
      'unshelve',
      'compute_unshelve_instance',
      'schedule_instances',
    ]);
    expect(await eventsOf('lock')).toEqual(['lock', 'api_lock']);
  });

  test('an event tells the host it happened on, also once the server is on none', async () => {
    const server = await world.makeServer();
    await world.act(server, 'shelve');
    const at = `/servers/${server}/os-instance-actions`;
    const [last] = (await world.send('GET', at)).body.instanceActions;
    const shown = await world.send('GET', `${at}/${last.request_id}`, undefined, { as: 'admin' });
    expect(shown.body.instanceAction.events[0]).toMatchObject({
      host: 'host-1',
      hostId: expect.stringMatching(/^[0-9a-f]{56}$/),
    });
  });

  test('lists are paged', async () => {
    const first = (await world.send('GET', `${path}?limit=1`)).body;
    expect(first.instanceActions).toHaveLength(1);
    expect(first.links[0].rel).toBe('next');
    const next = new URL(first.links[0].href);
    const second = (await world.send('GET', `${path}${next.search}`)).body;
    expect(second.instanceActions[0].action).toBe('stop');
    expect((await world.send('GET', `${path}?marker=req-x`)).status).toBe(400);
    expect((await world.send('GET', `${path}?bogus=1`)).status).toBe(400);
    expect((await world.send('GET', `${path}?bogus=1`, undefined, { version: '2.57' })).status).toBe(200);
    const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    expect((await world.send('GET', `${path}?changes-since=${later}`)).body.instanceActions).toEqual([]);
  });

  test('a failed action says so', async () => {
    world.hypervisors[0]!.changeByItself(id, 'shutdown');
    await world.act(id, 'unlock');
    world.hypervisors[0]!.guests.delete(id);
    await world.act(id, 'os-start');
    const { instanceActions } = (await world.send('GET', path, undefined, { as: 'admin' })).body;
    expect(instanceActions[0]).toMatchObject({ action: 'start', message: 'Error' });
    const shown = await world.send('GET', `${path}/${instanceActions[0].request_id}`, undefined, {
      as: 'admin',
    });
    expect(shown.body.instanceAction.events[0]).toMatchObject({
      event: 'compute_start_instance',
      result: 'Error',
      traceback: expect.stringContaining('could not be found'),
    });
  });

  test('they outlive the server', async () => {
    const short = await world.makeServer();
    await world.send('DELETE', `/servers/${short}`);
    await world.sagas.idle();
    const at = `/servers/${short}/os-instance-actions`;
    expect((await world.send('GET', at)).body.instanceActions[0].action).toBe('delete');
    expect((await world.send('GET', at, undefined, { version: '2.20' })).status).toBe(404);
  });
});
