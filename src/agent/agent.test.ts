import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { callAgent, castAgent, type ControlHandlers, controlAddress } from '#contracts/agent.ts';
import type { GuestSpec } from '#contracts/guest.ts';
import type { MetadataNetwork } from '#contracts/metadata.ts';
import type { MetadataHandler, NetHost } from '#drivers/net/driver.ts';
import { SimVirtDriver } from '#drivers/virt/sim/driver.ts';
import { SimHypervisor } from '#drivers/virt/sim/hypervisor.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { unavailable } from '#kit/errors/cloud-error.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { silentLog } from '#kit/log/log.ts';

import { type Agent, startAgent } from './agent.ts';

/** A network host that only remembers what it was told. */
class NotedNet implements NetHost {
  readonly name = 'noted';
  readonly ports = new Set<string>();
  readonly calls: string[] = [];
  networks: readonly MetadataNetwork[] = [];
  answer: MetadataHandler | undefined;
  async plug({ portId }: { portId: string }): Promise<{ tap: null }> {
    this.calls.push(`plug ${portId}`);
    this.ports.add(portId);
    return { tap: null };
  }
  async unplug(portId: string): Promise<void> {
    this.calls.push(`unplug ${portId}`);
    this.ports.delete(portId);
  }
  async plugged(): Promise<readonly string[]> {
    return [...this.ports];
  }
  async serveMetadata(networks: readonly MetadataNetwork[], answer: MetadataHandler): Promise<void> {
    this.networks = networks;
    this.answer = answer;
  }
  async orphans(known: { ports: readonly string[] }): Promise<string[]> {
    return [...this.ports].filter((port) => !known.ports.includes(port));
  }
  async removeOrphan(name: string): Promise<void> {
    this.ports.delete(name);
  }
  async close(): Promise<void> {}
}

/** A control that remembers what it heard. */
class NotedControl {
  readonly heard: string[] = [];
  readonly images = new Map<string, Buffer>();
  networks: MetadataNetwork[] = [];
  away = false;
  missed = 0;
  readonly handlers: Partial<ControlHandlers> = {
    'agent.hello': ({ host, guests }) => this.#hear(`hello ${host} ${guests.length}`, { heartbeatMs: 30 }),
    'agent.heartbeat': ({ host }) => this.#hear(`heartbeat ${host}`, undefined),
    'guest.changed': ({ guest }) => this.#hear(`changed ${guest.id} ${guest.power}`, undefined),
    'metadata.networks': () => this.networks,
    'metadata.get': ({ path }) =>
      this.#hear(`metadata ${path}`, { status: 200, contentType: 'text/plain', body: Buffer.from('hi') }),
    'image.write': ({ id, offset, data }) => {
      const before = this.images.get(id) ?? Buffer.alloc(0);
      this.images.set(id, Buffer.concat([before.subarray(0, offset), data]));
    },
    'image.finish': ({ id }) => this.#hear(`finish ${id}`, undefined),
  };
  #hear<T>(what: string, answer: T): T {
    if (this.away) {
      this.missed++;
      throw unavailable('control is away');
    }
    this.heard.push(what);
    return answer;
  }
}

const directories: string[] = [];
const agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function setUp() {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-agent-'));
  directories.push(directory);
  const bus = new MemoryBus();
  const control = new NotedControl();
  await bus.serve(controlAddress, control.handlers);
  const hypervisor = new SimHypervisor({ name: 'host1', directory: join(directory, 'host') });
  const net = new NotedNet();
  const start = async () => {
    const agent = await startAgent({
      bus,
      host: 'host1',
      virt: new SimVirtDriver(hypervisor),
      net,
      directory,
      log: silentLog(),
      version: '1',
    });
    agents.push(agent);
    return agent;
  };
  return { bus, control, hypervisor, net, directory, start };
}

const nic = (portId = newUuid()) => ({ portId, networkId: newUuid(), mac: 'fa:16:3e:00:00:01', mtu: 1442 });

const specOf = (change: Partial<GuestSpec> = {}): GuestSpec => ({
  id: newUuid(),
  name: 'instance-00000001',
  projectId: 'p',
  vcpus: 1,
  memoryMb: 128,
  rootGb: 1,
  ephemeralGb: [],
  swapMb: 0,
  image: { id: newUuid(), format: 'qcow2', size: 1, hash: null },
  interfaces: [nic()],
  configDrive: [{ path: 'openstack/latest/user_data', content: 'secret', encoding: 'utf8' }],
  hardware: {
    diskBus: 'virtio',
    cdromBus: 'sata',
    vifModel: 'virtio',
    machine: null,
    videoModel: 'virtio',
    rng: true,
  },
  ...change,
});

describe('agent', () => {
  test('says hello on start, then heartbeats, and hello again when control was away', async () => {
    const { control, start } = await setUp();
    await start();
    expect(control.heard[0]).toBe('hello host1 0');
    await expect.poll(() => control.heard.includes('heartbeat host1')).toBe(true);
    control.away = true;
    await expect.poll(() => control.missed).toBeGreaterThan(0);
    control.away = false;
    await expect
      .poll(() => control.heard.filter((h) => h.startsWith('hello')).length, { timeout: 5000 })
      .toBe(2);
  });

  test('wires a guest before it starts and unwires it after it is gone', async () => {
    const { bus, net, hypervisor, start } = await setUp();
    await start();
    const spec = specOf();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    await callAgent(bus, 'host1', 'guest.create', { spec });
    const [port] = spec.interfaces;
    expect(await callAgent(bus, 'host1', 'guest.list', {})).toEqual([
      { id: spec.id, power: 'running', ports: [port!.portId] },
    ]);
    await callAgent(bus, 'host1', 'guest.destroy', { id: spec.id, ports: ['another'] });
    expect(hypervisor.guests.size).toBe(0);
    expect([...net.ports]).toEqual([]);
    expect(net.calls).toContain('unplug another');
  });

  test('attaches and detaches interfaces, and remembers them over a restart', async () => {
    const { bus, net, start } = await setUp();
    const first = await start();
    const spec = specOf();
    const second = nic();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    await callAgent(bus, 'host1', 'guest.attachInterface', { id: spec.id, nic: second, model: 'virtio' });
    await callAgent(bus, 'host1', 'guest.detachInterface', {
      id: spec.id,
      portId: spec.interfaces[0]!.portId,
    });
    expect([...net.ports]).toEqual([second.portId]);
    await first.stop();
    net.ports.clear();
    await start();
    expect([...net.ports]).toEqual([second.portId]);
  });

  test('a changed spec drops the interfaces it no longer has', async () => {
    const { bus, net, start } = await setUp();
    await start();
    const spec = specOf();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    const changed = { ...spec, interfaces: [nic()] };
    await callAgent(bus, 'host1', 'guest.start', { spec: changed });
    expect([...net.ports]).toEqual([changed.interfaces[0]!.portId]);
  });

  test('tells of guests that change by themselves', async () => {
    const { bus, control, hypervisor, start } = await setUp();
    await start();
    const spec = specOf();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    hypervisor.changeByItself(spec.id, 'crashed');
    await expect.poll(() => control.heard).toContain(`changed ${spec.id} crashed`);
  });

  test('serves metadata in the networks control names, by asking control', async () => {
    const { bus, control, net, start } = await setUp();
    await start();
    const network = { networkId: newUuid(), portId: newUuid(), mac: 'x', cidrs: ['10.0.0.2/24'], mtu: 1442 };
    control.networks = [network];
    await callAgent(bus, 'host1', 'guest.create', { spec: specOf() });
    await expect.poll(() => net.networks).toEqual([network]);
    const request = { networkId: network.networkId, sourceAddress: '10.0.0.9', method: 'GET', path: '/' };
    expect(await net.answer!({ ...request, headers: {} })).toMatchObject({ status: 200 });
    control.away = true;
    expect(await net.answer!({ ...request, headers: {} })).toMatchObject({ status: 503 });
  });

  test('stops serving metadata when control says so, before an audit looks', async () => {
    const { bus, control, net, start } = await setUp();
    await start();
    const network = { networkId: newUuid(), portId: newUuid(), mac: 'x', cidrs: ['10.0.0.2/24'], mtu: 1442 };
    control.networks = [network];
    await callAgent(bus, 'host1', 'metadata.refresh', {});
    await expect.poll(() => net.networks).toEqual([network]);
    control.networks = [];
    await castAgent(bus, 'host1', 'metadata.refresh', {});
    await callAgent(bus, 'host1', 'audit.orphans', { servers: [], ports: [], networks: [] });
    expect(net.networks).toEqual([]);
  });

  test('a snapshot ends up in the image service', async () => {
    const { bus, control, hypervisor, start } = await setUp();
    await start();
    const spec = specOf();
    const imageId = newUuid();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    const [one, two] = await Promise.all(
      [1, 2].map(() => callAgent(bus, 'host1', 'guest.snapshot', { id: spec.id, imageId })),
    );
    expect([one, two]).toEqual([{ format: 'qcow2' }, { format: 'qcow2' }]);
    expect(control.images.get(imageId)!.subarray(0, 4).toString('latin1')).toBe('QFI\xfb');
    expect(control.heard.filter((h) => h.startsWith('finish'))).toHaveLength(1);
    expect(readdirSync(hypervisor.scratch)).toEqual([]);
    rmSync(hypervisor.scratch, { recursive: true });
  });

  test('operations on one guest wait for each other; a deletion does not wait for a polite shutdown', async () => {
    const { bus, directory, net } = await setUp();
    const order: string[] = [];
    let powerOff = () => {};
    const slow = new SimHypervisor({
      name: 'host1',
      before: async (operation) => {
        order.push(operation);
        if (order.filter((o) => o === 'stop').length === 1 && operation === 'stop')
          await new Promise<void>((resolve) => (powerOff = resolve));
        else if (operation === 'stop') powerOff();
      },
    });
    const virt = new SimVirtDriver(slow);
    agents.push(
      await startAgent({ bus, host: 'host1', virt, net, directory, log: silentLog(), version: '1' }),
    );
    const spec = specOf();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    const stopping = callAgent(bus, 'host1', 'guest.stop', { id: spec.id, timeoutMs: 60_000 });
    const pausing = callAgent(bus, 'host1', 'guest.pause', { id: spec.id }).catch(() => 'refused');
    await expect.poll(() => order).toEqual(['create', 'stop']);
    await callAgent(bus, 'host1', 'guest.destroy', { id: spec.id, ports: [] });
    await stopping;
    expect(await pausing).toBe('refused');
    expect(order).toEqual(['create', 'stop', 'stop', 'pause', 'destroy']);
  });

  test('names what nobody owns, and removes it', async () => {
    const { bus, hypervisor, net, start } = await setUp();
    await start();
    const spec = specOf();
    await callAgent(bus, 'host1', 'guest.create', { spec });
    const portId = spec.interfaces[0]!.portId;
    const known = { servers: [spec.id], ports: [portId], networks: [] };
    expect(await callAgent(bus, 'host1', 'audit.orphans', known)).toEqual([]);
    const orphans = await callAgent(bus, 'host1', 'audit.orphans', { servers: [], ports: [], networks: [] });
    expect(orphans).toEqual([`virt guest ${spec.id}`, `net ${portId}`, `spec ${spec.id}`]);
    for (const name of orphans) await callAgent(bus, 'host1', 'audit.remove', { name });
    expect([hypervisor.guests.size, net.ports.size]).toEqual([0, 0]);
    await expect(callAgent(bus, 'host1', 'audit.remove', { name: 'nonsense' })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  test("keeps no user's secrets", async () => {
    const { bus, directory, start } = await setUp();
    await start();
    await callAgent(bus, 'host1', 'guest.create', { spec: specOf() });
    const specs = join(directory, 'specs');
    const text = readdirSync(specs).map((name) => readFileSync(join(specs, name), 'utf8'));
    expect(text).toHaveLength(1);
    expect(text[0]).not.toContain('secret');
  });
});
