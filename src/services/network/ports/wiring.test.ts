import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

import type { Tables } from '../tables.ts';

const soon = (what: () => unknown) => expect.poll(what, { timeout: 15_000 });

describeEachEngine('the status of ports', (databases) => {
  let network: TestNetwork;
  let networkId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases);
    network.fabric.addHost('host-1');
    networkId = (await network.make('networks', {})).id;
  });
  afterAll(() => network.close());

  const bound = async (): Promise<Made> => {
    const port = await network.make('ports', { network_id: networkId, device_owner: 'compute:nova' });
    await bind(port.id, 'host-1');
    return port;
  };
  const bind = (id: string, host: string) =>
    network.client.put(`/ports/${id}`, { port: { 'binding:host_id': host } }, { as: 'admin' });
  const status = async (id: string): Promise<string> =>
    (await network.client.get(`/ports/${id}`)).body.port.status;
  const forge = (id: string, status: string) =>
    network.database
      .tables<Tables>()
      .updateTable('network_ports')
      .set({ status })
      .where('id', '=', id)
      .execute();

  test('a port that goes down and up again at once is up in the end', async () => {
    const { id } = await bound();
    const heard: string[] = [];
    network.service.onPort((event) => void (event.portId === id && heard.push(event.status)));
    network.fabric.plug('host-1', id);
    await soon(() => status(id)).toBe('ACTIVE');
    network.fabric.unplug('host-1', id);
    network.fabric.plug('host-1', id);
    await soon(() => heard).toEqual(['ACTIVE', 'DOWN', 'ACTIVE']);
    expect(await status(id)).toBe('ACTIVE');
  });

  test('convergence mends what is not as the engine says', async () => {
    const [up, down] = [await bound(), await bound()];
    network.fabric.plug('host-1', up.id);
    await soon(() => status(up.id)).toBe('ACTIVE');
    await forge(up.id, 'DOWN');
    await forge(down.id, 'ACTIVE');
    await network.service.converge();
    expect([await status(up.id), await status(down.id)]).toEqual(['ACTIVE', 'DOWN']);
  });

  test('an engine out of reach has no say', async () => {
    const { id } = await bound();
    await forge(id, 'ACTIVE');
    network.fabric.setReachable(false);
    await network.service.mendPortStatuses();
    network.fabric.setReachable(true);
    expect(await status(id)).toBe('ACTIVE');
  });

  test('a port that moves is down until it is wired at its new place', async () => {
    const { id } = await bound();
    network.fabric.plug('host-1', id);
    await soon(() => status(id)).toBe('ACTIVE');
    network.fabric.setReachable(false);
    await bind(id, 'host-2');
    network.fabric.setReachable(true);
    // the engine still has it where it was
    expect(network.service.driver.portStatus(id)).toMatchObject({ up: true, host: 'host-1' });
    await network.service.mendPortStatuses();
    expect(await status(id)).toBe('DOWN');
  });
});
