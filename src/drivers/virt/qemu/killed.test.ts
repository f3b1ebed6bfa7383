import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { newNic, tinySpec } from '#test/support/virt/bed.ts';
import { dieSpawning, killInTheMiddle, operations } from '#test/support/virt/killed-agent.ts';
import { missingForQemu, type QemuBed } from '#test/support/virt/qemu-bed.ts';
import { patience, qemuBeds } from '#test/support/virt/qemu-beds.ts';

import { findGuestUser } from './guest-user.ts';
import { findProcesses } from './process.ts';

const missing = missingForQemu();
const why = missing.length > 0 ? ` (not run: needs ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`what is killed in the middle of something${why}`, () => {
  const { open, create, plugsOf, power } = qemuBeds();

  /** Where the guest must be before an operation, and what it must be after it was repeated. */
  const journeys: readonly {
    operation: keyof typeof operations;
    before: (bed: QemuBed, spec: GuestSpec) => Promise<unknown>;
    after: 'running' | 'shutdown' | 'suspended' | undefined;
  }[] = [
    { operation: 'create', before: async () => {}, after: 'running' },
    { operation: 'stop', before: async () => {}, after: 'shutdown' },
    { operation: 'start', before: (bed, { id }) => bed.driver.stop(id, 0), after: 'running' },
    { operation: 'suspend', before: async () => {}, after: 'suspended' },
    { operation: 'resume', before: (bed, { id }) => bed.driver.suspend(id), after: 'running' },
    { operation: 'rebuild', before: (bed, { id }) => bed.driver.stop(id, 0), after: 'shutdown' },
    { operation: 'resize', before: (bed, { id }) => bed.driver.stop(id, 0), after: 'shutdown' },
    {
      operation: 'revertResize',
      before: async (bed, spec) => {
        await bed.driver.stop(spec.id, 0);
        await bed.driver.resize({ ...spec, rootGb: 2 });
      },
      after: 'shutdown',
    },
    { operation: 'snapshot', before: async () => {}, after: 'running' },
    { operation: 'attach', before: async () => {}, after: 'running' },
    { operation: 'destroy', before: async () => {}, after: undefined },
  ];

  const rounds = 8;

  test.each(journeys)(
    '$operation, its agent killed in the middle and asked again, arrives',
    async (journey) => {
      const bed = await open();
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
      let random = seed;
      const next = (limit: number) => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % limit;
      let cuts = 0;
      // the first is left in peace, to see how long it takes
      let takesMs = 60_000;
      for (let round = 0; round < rounds || cuts === 0; round++) {
        const spec = tinySpec({
          interfaces: [newNic()],
          projectId: newUuid(),
          ...(round % 2 && { swapMb: 16 }),
        });
        const given =
          journey.operation === 'attach' ? { ...spec, interfaces: [...spec.interfaces, newNic()] } : spec;
        const plugs = await plugsOf(bed, given);
        if (journey.operation !== 'create') await bed.driver.create(spec, bed.images, plugs);
        await journey.before(bed, spec);
        await bed.letGo();
        const image = await bed.images.ensure(spec.image);
        const task = { directory: bed.directory, image, operation: journey.operation, spec: given, plugs };
        const afterMs = round === 0 ? takesMs : next(takesMs);
        const { cut, tookMs } = await killInTheMiddle(task, afterMs);
        if (cut) cuts++;
        // one that was done sooner than that leaves less time to be cut in
        else takesMs = Math.max(1, Math.floor(tookMs));
        await bed.takeUp();
        const where = `seed ${seed}, round ${round}, killed after ${afterMs} ms`;
        await operations[journey.operation](bed.driver, given, bed.images, plugs);
        expect(await power(bed, spec), where).toBe(journey.after);
        if (journey.after !== undefined && journey.after !== 'suspended') {
          await bed.driver.start(given, bed.images, plugs);
          expect((await bed.driver.list())[0]!.ports, where).toEqual(
            given.interfaces.map((nic) => nic.portId),
          );
        }
        await bed.driver.destroy(spec.id);
        expect(await bed.driver.orphans([]), where).toEqual([]);
        expect(readdirSync(join(bed.directory, 'guests')), where).toEqual([]);
      }
    },
  );

  test('what an agent had begun that is killed before it says go never becomes a QEMU', async () => {
    const bed = await open();
    const plugged = tinySpec({ interfaces: [newNic()] });
    const plugs = await plugsOf(bed, plugged);
    await bed.driver.create(plugged, bed.images, plugs);
    await bed.driver.suspend(plugged.id);
    await bed.letGo();
    const image = await bed.images.ensure(plugged.image);
    const task = { directory: bed.directory, image, spec: plugged, plugs, operation: 'resume' } as const;
    expect(await dieSpawning(task)).toBe('SIGKILL');
    const left = () => findProcesses(join(bed.directory, 'guests'), findGuestUser()!.uid);
    await expect.poll(left, patience).toEqual(new Map());
    await bed.takeUp();
    await bed.driver.resume(plugged, plugs);
    expect(await power(bed, plugged)).toBe('running');
  });

  test('a guest whose QEMU is killed while it starts is started once more', async () => {
    const bed = await open();
    const spec = await create(bed);
    await bed.driver.stop(spec.id, 0);
    const starting = bed.driver.start(spec, bed.images, []);
    const file = join(bed.home(spec.id), 'run', 'pid');
    await expect
      .poll(() => existsSync(file) && bed.pid(spec.id) > 0, { ...patience, interval: 1 })
      .toBe(true);
    const killed = bed.pid(spec.id);
    process.kill(killed, 'SIGKILL');
    await starting;
    expect(await power(bed, spec)).toBe('running');
    expect(bed.pid(spec.id)).not.toBe(killed);
  });

  const interruptible: Readonly<Record<string, (bed: QemuBed, spec: GuestSpec) => Promise<unknown>>> = {
    suspend: (bed, { id }) => bed.driver.suspend(id),
    resume: async (bed, spec) => {
      await bed.driver.suspend(spec.id);
      await bed.driver.resume(spec, []);
    },
    snapshot: (bed, { id }) => bed.driver.snapshot(id, newUuid()),
    'soft reboot': (bed, { id }) => bed.driver.softReboot(id, 2000),
    stop: (bed, { id }) => bed.driver.stop(id, 2000),
    attach: async (bed, { id }) => {
      const nic = newNic();
      await bed.driver.attachInterface(id, nic, await bed.plug(nic.portId), 'virtio');
    },
    detach: (bed, { id, interfaces }) => bed.driver.detachInterface(id, interfaces[0]!.portId),
  };

  test.each(Object.keys(interruptible))(
    '%s, its guest killed in the middle, ends, and the guest can be started',
    async (name) => {
      const bed = await open();
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
      let random = seed;
      for (const limit of [5, 20, 50, 200]) {
        random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
        const spec = await create(bed, { interfaces: [newNic()] });
        const over = interruptible[name]!(bed, spec).then(
          () => 'done',
          (error: Error) => error.message,
        );
        await sleep(random % limit);
        const pid = existsSync(join(bed.home(spec.id), 'run', 'pid')) ? bed.pid(spec.id) : 0;
        try {
          if (pid > 0) process.kill(pid, 'SIGKILL');
        } catch {
          // the operation was quicker
        }
        const where = `seed ${seed}, killed after ${random % limit} ms: ${await over}`;
        // there is nothing left to suspend, or to resume from
        if (name !== 'suspend' && name !== 'resume') expect(await over, where).toBe('done');
        const stillRuns = async () => (await power(bed, spec)) === 'running' && bed.pid(spec.id) === pid;
        await expect.poll(stillRuns, { ...patience, message: where }).toBe(false);
        await bed.driver.start(spec, bed.images, await plugsOf(bed, spec));
        expect(await power(bed, spec), where).toBe('running');
        await bed.driver.destroy(spec.id);
        expect(await bed.driver.orphans([]), where).toEqual([]);
      }
    },
  );
});
