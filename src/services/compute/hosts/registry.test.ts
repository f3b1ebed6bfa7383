import { hostname } from 'node:os';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { agentAddress } from '#contracts/agent.ts';
import { FakeClock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import {
  type ComputeForTest,
  hostFacts,
  PlacementNotes,
  sayHello,
  startCompute,
} from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';

describeEachEngine('the registry of hosts', (databases) => {
  let clock: FakeClock;
  let database: Database;
  let placement: PlacementNotes;
  let cloud: ComputeForTest;
  beforeEach(async () => {
    clock = new FakeClock();
    database = await databases.open();
    placement = new PlacementNotes();
    cloud = await boot();
  });
  afterEach(() => cloud.close());

  const boot = () => startCompute(database, { clock, parts: { placement: placement.contract } });
  const heartbeat = (host: string, facts = hostFacts()) =>
    cloud.assembled.busHandlers['agent.heartbeat']!({ host, facts });
  const hostNamed = async (name: string) => (await cloud.compute.hosts.find(name))!;
  const isUp = async (name: string) => cloud.compute.hosts.isUp(await hostNamed(name));

  test('a hello makes the host, its service and its resource provider', async () => {
    expect(await sayHello(cloud, 'h1')).toEqual({ heartbeatMs: 5000 });
    const host = await hostNamed('h1');
    expect(host).toMatchObject({ name: 'h1', agentVersion: '1.0', facts: hostFacts() });
    expect(host.service).toMatchObject({ host: 'h1', binary: 'nova-compute', disabled: false });
    expect(placement.providers.get(host.uuid)).toEqual({
      uuid: host.uuid,
      name: 'h1',
      inventories: {
        VCPU: { total: 8, reserved: 0, minUnit: 1, maxUnit: 8, stepSize: 1, allocationRatio: 4 },
        MEMORY_MB: {
          total: 16384,
          reserved: 512,
          minUnit: 1,
          maxUnit: 16384,
          stepSize: 1,
          allocationRatio: 1,
        },
        DISK_GB: { total: 100, reserved: 0, minUnit: 1, maxUnit: 100, stepSize: 1, allocationRatio: 1 },
      },
      traits: ['COMPUTE_NODE'],
    });
    await sayHello(cloud, 'h1');
    expect((await hostNamed('h1')).uuid).toBe(host.uuid);
    expect(await cloud.compute.hosts.list()).toHaveLength(1);
  });

  test('a host without disk has no disk in Placement', async () => {
    await sayHello(cloud, 'h1', hostFacts({ diskGb: 0 }));
    const [provider] = placement.providers.values();
    expect(Object.keys(provider!.inventories)).toEqual(['VCPU', 'MEMORY_MB']);
  });

  test('Placement hears of heartbeats only when they matter to it', async () => {
    await sayHello(cloud, 'h1');
    placement.calls.length = 0;
    await heartbeat('h1', hostFacts({ memoryUsedMb: 2000, uptime: 'longer' }));
    expect(placement.calls).toEqual([]);
    await heartbeat('h1', hostFacts({ memoryMb: 32_768 }));
    await heartbeat('h1', hostFacts({ memoryMb: 32_768 }));
    expect(placement.calls).toEqual(['reportHost']);
    const [provider] = placement.providers.values();
    expect(provider!.inventories.MEMORY_MB!.total).toBe(32_768);
  });

  test('a host that is not known is told to say hello', async () => {
    await expect(heartbeat('h1')).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('a host is up while it is heard of, and written down seldom', async () => {
    await sayHello(cloud, 'h1');
    clock.advance(60_000);
    expect(await isUp('h1')).toBe(true);
    clock.advance(1);
    expect(await isUp('h1')).toBe(false);
    const facts = hostFacts({ uptime: 'longer' });
    await heartbeat('h1', facts);
    expect(await isUp('h1')).toBe(true);
    expect((await hostNamed('h1')).facts.uptime).not.toBe('longer');
    await cloud.compute.registry.loop.run();
    expect((await hostNamed('h1')).facts).toEqual(facts);
    expect((await hostNamed('h1')).service.lastSeenAt).toBe(clock.now());
  });

  test('what was written down counts after a restart', async () => {
    await sayHello(cloud, 'h1');
    await cloud.compute.registry.loop.run();
    await cloud.close();
    cloud = await boot();
    clock.advance(59_000);
    expect(await isUp('h1')).toBe(true);
    clock.advance(2000);
    expect(await isUp('h1')).toBe(false);
  });

  test('a host whose connection is gone is down at once, until it speaks again', async () => {
    const leave = await cloud.bus.serve(agentAddress('h1'), {});
    await sayHello(cloud, 'h1');
    await leave();
    await expect.poll(() => isUp('h1')).toBe(false);
    await heartbeat('h1');
    expect(await isUp('h1')).toBe(true);
  });

  test('a host is expected back for as long as it may be silent, not counting when nobody listened', async () => {
    const isExpected = async (name: string) => cloud.compute.hosts.isExpected(await hostNamed(name));
    const leave = await cloud.bus.serve(agentAddress('lost'), {});
    await sayHello(cloud, 'lost');
    await sayHello(cloud, 'silent');
    await cloud.compute.registry.loop.run();
    await leave();
    await expect.poll(() => isUp('lost')).toBe(false);
    expect(await isExpected('lost')).toBe(true);
    clock.advance(50_000);
    await sayHello(cloud, 'alive');
    await cloud.compute.registry.loop.run();
    await cloud.close();
    clock.advance(3_600_000);
    // however often control dies before it hears anybody
    for (let starts = 0; starts < 3; starts++) {
      cloud = await boot();
      clock.advance(5000);
      expect(await isUp('alive')).toBe(false);
      expect(await isExpected('alive')).toBe(true);
      if (starts < 2) await cloud.close();
    }
    clock.advance(10_000);
    expect([await isExpected('lost'), await isExpected('silent')]).toEqual([false, false]);
    clock.advance(50_000);
    expect(await isExpected('alive')).toBe(false);
  });

  test('control counts as services of its own', async () => {
    const services = await cloud.compute.services.list();
    expect(services.map((s) => [s.host, s.binary])).toEqual([
      [hostname(), 'nova-conductor'],
      [hostname(), 'nova-scheduler'],
    ]);
    clock.advance(61_000);
    await cloud.compute.registry.loop.run();
    expect(services.every((s) => cloud.compute.presence.isUp(s))).toBe(true);
  });

  test('listeners hear hellos when the host is known', async () => {
    const heard: string[] = [];
    cloud.compute.registry.onHello((hello, host) => void heard.push(`${hello.version} ${host.name}`));
    await sayHello(cloud, 'h1');
    expect(heard).toEqual(['1.0 h1']);
  });
});
