import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, newNetwork, projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

import type { Network } from '../service.ts';
import type { Tables } from '../tables.ts';
import { enqueue } from './store.ts';

describeEachEngine('the way from the database to the engine', (databases) => {
  let network: TestNetwork;
  let others: Network[] = [];
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_port: -1, settle_timeout: 2 });
  });
  afterEach(async () => {
    network.fabric.setReachable(true);
    for (const other of others) await other.stop();
    others = [];
    await network.service.converge();
  });
  afterAll(() => network.close());

  const make = (collection: string, fields: object): Promise<Made> => network.make(collection, fields);
  const outbox = () =>
    network.database.tables<Tables>().selectFrom('network_outbox').select(['kind', 'resource_id']).execute();
  /** Another control process on the same database and engine. */
  const another = () => {
    const other = newNetwork(network.database, network.fabric, network.clock, { settle_timeout: 2 });
    others.push(other.service);
    return other;
  };

  test('a change is in the engine when the answer comes, and nothing waits any more', async () => {
    const { id } = await make('networks', { name: 'prompt' });
    expect(network.fabric.row('network', id)).toMatchObject({ name: 'prompt', mtu: 1442 });
    await expect.poll(outbox).toEqual([]);
    await network.client.put(`/networks/${id}`, { network: { name: 'renamed' } });
    expect(network.fabric.row('network', id)).toMatchObject({ name: 'renamed' });
    await network.client.delete(`/networks/${id}`);
    expect(network.fabric.row('network', id)).toBeUndefined();
  });

  test('with the engine out of reach requests succeed; it is told everything when it is back', async () => {
    const before = await make('networks', { name: 'before' });
    network.fabric.setReachable(false);
    const made = await make('networks', { name: 'meanwhile' });
    const port = await make('ports', { network_id: made.id });
    expect(made.status).toBe('ACTIVE');
    expect(port.status).toBe('DOWN');
    const renamed = await network.client.put(`/networks/${before.id}`, { network: { name: 'after' } });
    expect(renamed.status).toBe(200);
    expect(network.fabric.row('network', made.id)).toBeUndefined();
    expect(await outbox()).toContainEqual({ kind: 'network', resource_id: made.id });
    await network.service.drain();
    expect(network.fabric.row('network', made.id)).toBeUndefined();

    network.fabric.setReachable(true);
    await network.service.drain();
    expect(network.fabric.row('network', made.id)).toMatchObject({ name: 'meanwhile' });
    expect(network.fabric.row('network', before.id)).toMatchObject({ name: 'after' });
    expect(network.fabric.row('port', port.id)).toMatchObject({ networkId: made.id });
    expect(await outbox()).toEqual([]);
  });

  test('a resource that comes and goes while the engine is away never gets there', async () => {
    network.fabric.setReachable(false);
    const { id } = await make('networks', {});
    await network.client.delete(`/networks/${id}`);
    network.fabric.setReachable(true);
    const applied: string[] = [];
    const apply = network.fabric.apply.bind(network.fabric);
    network.fabric.apply = (changes) => {
      applied.push(...changes.map((change) => `${change.id} ${change.wanted === null ? 'gone' : 'made'}`));
      apply(changes);
    };
    await network.service.drain();
    network.fabric.apply = apply;
    expect(applied).toContain(`${id} gone`);
    expect(applied.filter((change) => change.endsWith('made'))).toEqual([]);
  });

  test('several changes of one resource wait as one', async () => {
    const { id } = await make('networks', {});
    await expect.poll(outbox).toEqual([]);
    network.fabric.setReachable(false);
    for (const name of ['one', 'two', 'three'])
      await network.client.put(`/networks/${id}`, { network: { name } });
    expect(await outbox()).toEqual([{ kind: 'network', resource_id: id }]);
    network.fabric.setReachable(true);
    await network.service.drain();
    expect(network.fabric.row('network', id)).toMatchObject({ name: 'three' });
  });

  test('what a process committed before it died is carried out by the next one', async () => {
    network.fabric.setReachable(false);
    const { id } = await make('networks', { name: 'orphaned' });
    network.fabric.setReachable(true);
    // a new process knows nothing but the database
    await another().service.drain();
    expect(network.fabric.row('network', id)).toMatchObject({ name: 'orphaned' });
    expect(await outbox()).toEqual([]);
  });

  test('what a process applied before it died is applied again, to no effect', async () => {
    const { id } = await make('networks', { name: 'twice' });
    await expect.poll(outbox).toEqual([]);
    const row = network.fabric.row('network', id);
    // the process died between the engine and the removal of the row
    await network.database
      .tables<Tables>()
      .insertInto('network_outbox')
      .values({ kind: 'network', resource_id: id, token: 'lost', enqueued_at: 1 })
      .execute();
    await another().service.drain();
    expect(network.fabric.row('network', id)).toEqual(row);
    expect(await outbox()).toEqual([]);
  });

  test('a change that fails in the database leaves nothing to do', async () => {
    const { id } = await make('networks', {});
    await make('subnets', { network_id: id, ip_version: 4, cidr: '10.9.0.0/24' });
    await expect.poll(outbox).toEqual([]);
    const refused = await network.client.post('/subnets', {
      subnet: { network_id: id, ip_version: 4, cidr: '10.9.0.0/25' },
    });
    expect(refused.status).toBe(400);
    expect(await outbox()).toEqual([]);
  });

  test('a resource the engine refuses holds nothing else up', async () => {
    const { id: bad } = await make('networks', { name: 'good so far' });
    await expect.poll(outbox).toEqual([]);
    network.fabric.setRefused(bad, true);
    const renamed = await network.client.put(`/networks/${bad}`, { network: { name: 'bad' } });
    expect(renamed.status).toBe(200);
    const { id: good } = await make('networks', { name: 'good' });
    expect(network.fabric.row('network', good)).toMatchObject({ name: 'good' });
    expect(network.fabric.row('network', bad)).toMatchObject({ name: 'good so far' });
    await expect.poll(outbox).toEqual([{ kind: 'network', resource_id: bad }]);

    network.fabric.setRefused(bad, false);
    await network.service.drain();
    expect(network.fabric.row('network', bad)).toMatchObject({ name: 'bad' });
    expect(await outbox()).toEqual([]);
  });

  test('more than one batch is drained in one go', async () => {
    network.fabric.setReachable(false);
    const networks = Array.from({ length: 410 }, (_, i) => ({ name: `net ${i}` }));
    const answer = await network.client.post('/networks', { networks });
    expect(answer.status).toBe(201);
    network.fabric.setReachable(true);
    await network.service.drain();
    const made: { id: string }[] = (answer.body as Made).networks;
    expect(made.every(({ id }) => network.fabric.row('network', id))).toBe(true);
    expect(await outbox()).toEqual([]);
    await Promise.all(made.map(({ id }) => network.client.delete(`/networks/${id}`)));
  });

  test('drift is repaired: what is missing, what differs, what nobody wants', async () => {
    const { id } = await make('networks', { name: 'mine' });
    const { id: lost } = await make('networks', { name: 'lost' });
    const group = await make('security-groups', { name: 'rules' });
    const port = await make('ports', { network_id: id, security_groups: [group.id] });
    const router = await make('routers', { name: 'r' });
    const stray = '11111111-2222-3333-4444-555555555555';
    const { fabric } = network;
    const row = fabric.row('network', id)!;
    fabric.tamper('network', id, { ...row, name: 'theirs', mtu: 9000 });
    fabric.tamper('network', lost, null);
    fabric.tamper('network', stray, { ...row, id: stray });
    fabric.tamper('port', port.id, { ...fabric.row('port', port.id)!, securityGroups: [] });
    fabric.tamper('securityGroup', group.id, { ...fabric.row('securityGroup', group.id)!, rules: [] });
    fabric.tamper('router', router.id, null);
    const audit = async () => await network.assembled.busHandlers['network.audit']!({});
    expect(await audit()).toEqual([`the network engine has rows of network ${stray}, which does not exist`]);

    await network.service.converge();
    expect(await audit()).toEqual([]);
    fabric.setReachable(false);
    expect(await audit()).toEqual([
      'the network engine could not be looked at: the simulated network engine is out of reach',
    ]);
    fabric.setReachable(true);
    expect(fabric.row('network', id)).toEqual(row);
    expect(fabric.row('network', lost)).toMatchObject({ name: 'lost' });
    expect(fabric.row('network', stray)).toBeUndefined();
    expect(fabric.row('port', port.id)).toMatchObject({ securityGroups: [group.id] });
    expect(fabric.row('securityGroup', group.id)?.rules).toHaveLength(2);
    expect(fabric.row('router', router.id)).toMatchObject({ name: 'r' });
    expect(await outbox()).toEqual([]);
  });

  test('without drift convergence does nothing', async () => {
    let applied = 0;
    const apply = network.fabric.apply.bind(network.fabric);
    network.fabric.apply = (changes) => {
      applied++;
      apply(changes);
    };
    await network.service.converge();
    network.fabric.apply = apply;
    expect(applied).toBe(0);
  });

  test('an engine that lost everything is filled again', async () => {
    const { fabric } = network;
    const kinds = ['network', 'port', 'securityGroup', 'router'] as const;
    const had = kinds.map((kind) => fabric.ids(kind).toSorted());
    for (const kind of kinds) for (const id of fabric.ids(kind)) fabric.tamper(kind, id, null);
    await another().service.converge();
    expect(kinds.map((kind) => fabric.ids(kind).toSorted())).toEqual(had);
    expect(had.every((ids) => ids.length > 0)).toBe(true);
  });

  test('all of a large cloud can be noted at once', async () => {
    const db = network.database.tables<Tables>();
    const lost = Array.from({ length: 20_000 }, (_, i) => ({ kind: 'port', id: `lost-${i}` }));
    await enqueue(db, lost, 'large', 0);
    expect(await outbox()).toHaveLength(lost.length);
    await db.deleteFrom('network_outbox').where('token', '=', 'large').execute();
  });

  test('processes that change things at once all see their changes applied', async () => {
    const processes = [network.assembled, another(), another()];
    const { id: networkId } = await make('networks', {});
    await make('subnets', { network_id: networkId, ip_version: 4, cidr: '10.8.0.0/24' });
    const ids = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const port = await processes[i % 3]!.contract.createPort({
          id: `00000000-0000-4000-8000-0000000000${String(i).padStart(2, '0')}`,
          networkId,
          projectId: projectA,
          deviceId: `device-${i}`,
          deviceOwner: 'compute:nova',
          securityGroups: [],
        });
        expect(network.fabric.row('port', port.id)).toBeDefined();
        return port.id;
      }),
    );
    const addresses = ids.map((id) => network.fabric.row('port', id)!.addresses[0]!.address);
    expect(new Set(addresses).size).toBe(30);
    await Promise.all(ids.map((id, i) => processes[(i + 1) % 3]!.contract.deletePort(id)));
    expect(ids.filter((id) => network.fabric.row('port', id))).toEqual([]);
    await expect.poll(outbox).toEqual([]);
  });

  test('a request waits for an engine that is slow, not forever', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { driver } = network.service;
    const driverApply = driver.apply.bind(driver);
    const asked = Promise.withResolvers<void>();
    driver.apply = async (changes) => {
      asked.resolve();
      await held;
      return driverApply(changes);
    };
    let answered = false;
    const making = make('networks', { name: 'slow' }).finally(() => (answered = true));
    await asked.promise;
    expect(answered).toBe(false);
    const { id } = await making;
    expect(network.fabric.row('network', id)).toBeUndefined();
    release();
    driver.apply = driverApply;
    await network.service.drain();
    expect(network.fabric.row('network', id)).toMatchObject({ name: 'slow' });
  });
});
