import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';

import { systemClock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations.ts';
import { unavailable } from '../errors/cloud-error.ts';
import { silentLog } from '../log/log.ts';
import { type Probe, SagaEngine } from './engine.ts';
import { sagaCases, type SagaWorld } from './harness.ts';
import { sagaMigrations } from './journal.ts';
import { Restart, saga } from './saga.ts';

/** A world outside the database: what a saga allocates and must give back. */
interface Garage {
  bays: Map<string, string>;
  keys: Set<string>;
  cars: Map<string, 'parked' | 'refused'>;
  trouble: (step: string, attempt: number) => void;
}

const park = saga<Garage, { car: string }>('garage.park@1')
  .step('book', {
    do: ({ deps, input }) => void deps.cars.set(input.car, 'parked'),
    undo: ({ deps, input }) => void deps.cars.set(input.car, 'refused'),
  })
  .step('bay', {
    do: ({ deps, input, memo, attempt }) => {
      deps.trouble('bay', attempt);
      const taken = (memo.full as string[] | undefined) ?? [];
      const bay = ['b1', 'b2', 'b3'].find((b) => !taken.includes(b))!;
      deps.bays.set(input.car, bay);
      return { bay };
    },
    undo: ({ deps, input }) => void deps.bays.delete(input.car),
  })
  .step('key', {
    do: async ({ deps, outputs, attempt, memo, signal }) => {
      deps.keys.add(outputs.bay.bay);
      if (outputs.bay.bay === 'hang')
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      try {
        deps.trouble('key', attempt);
      } catch (error) {
        if ((error as Error).message !== 'full') throw error;
        throw new Restart(
          'bay',
          { full: [...((memo.full as string[]) ?? []), outputs.bay.bay] },
          'bay is full',
        );
      }
    },
    undo: ({ deps, outputs }) => void (outputs.bay && deps.keys.delete(outputs.bay.bay)),
    retry: 3,
  })
  .build();

const newGarage = (): Garage => ({ bays: new Map(), keys: new Set(), cars: new Map(), trouble: () => {} });

describe('sagas', () => {
  const databases = sqliteDatabases();
  const engines: SagaEngine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.stop();
  });

  const boot = async (database: Database, garage: Garage, probe?: Probe) => {
    const engine = new SagaEngine({
      database,
      clock: systemClock,
      log: silentLog(),
      alone: true,
      undoTries: 2,
      ...(probe && { probe }),
    });
    engine.register(park, garage);
    engines.push(engine);
    await engine.begin();
    return engine;
  };
  const open = async () => {
    const database = await databases.open();
    await migrate(database, sagaMigrations, 0);
    return database;
  };
  const start = (database: Database, engine: SagaEngine, car: string) =>
    database.transaction((trx) => engine.start(trx, park, `car:${car}`, { car }));

  test('outputs reach later steps and the history tells the story', async () => {
    const [database, garage] = [await open(), newGarage()];
    const engine = await boot(database, garage);
    const id = await start(database, engine, 'c1');
    expect(await engine.finished(id)).toEqual({ failed: false, error: null });
    expect([garage.bays.get('c1'), [...garage.keys]]).toEqual(['b1', ['b1']]);
    expect((await engine.history(id)).map((s) => [s.name, s.state])).toEqual([
      ['book', 'done'],
      ['bay', 'done'],
      ['key', 'done'],
    ]);
  });

  test('a saga whose transaction fails never runs', async () => {
    const [database, garage] = [await open(), newGarage()];
    const engine = await boot(database, garage);
    await database
      .transaction(async (trx) => {
        await engine.start(trx, park, 'car:c1', { car: 'c1' });
        throw new Error('no');
      })
      .catch(() => {});
    await engine.idle();
    expect(garage.cars.size).toBe(0);
  });

  test('unavailable is tried again, anything else unwinds', async () => {
    const [database, garage] = [await open(), newGarage()];
    let failures = 2;
    garage.trouble = (step) => {
      if (step === 'key' && failures-- > 0) throw unavailable('not now');
    };
    const engine = await boot(database, garage);
    expect((await engine.finished(await start(database, engine, 'c1'))).failed).toBe(false);
    garage.trouble = (step) => {
      if (step === 'key') throw new Error('lost');
    };
    const outcome = await engine.finished(await start(database, engine, 'c2'));
    expect(outcome).toEqual({ failed: true, error: { kind: 'internal', message: 'lost', step: 'key' } });
    expect([garage.cars.get('c2'), garage.bays.has('c2')]).toEqual(['refused', false]);
  });

  test('a restart goes back to a step and remembers why', async () => {
    const [database, garage] = [await open(), newGarage()];
    garage.trouble = (step, attempt) => {
      if (step === 'key' && attempt < 3) throw new Error('full');
    };
    const engine = await boot(database, garage);
    expect((await engine.finished(await start(database, engine, 'c1'))).failed).toBe(false);
    expect([garage.bays.get('c1'), [...garage.keys]]).toEqual(['b3', ['b3']]);
  });

  test('a cancelled saga aborts its step and unwinds', async () => {
    const [database, garage] = [await open(), newGarage()];
    garage.bays.set = function (key) {
      return Map.prototype.set.call(this, key, 'hang') as Map<string, string>;
    };
    const hanging = saga<Garage, { car: string }>('garage.hang@1')
      .step('book', {
        do: ({ deps, input }) => void deps.cars.set(input.car, 'parked'),
        undo: ({ deps, input, error }) => void deps.cars.set(`${input.car} ${error.kind}`, 'refused'),
      })
      .step('wait', {
        do: ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
      })
      .build();
    const engine = await boot(database, garage);
    engine.register(hanging, garage);
    const id = await database.transaction((trx) => engine.start(trx, hanging, 'car:c1', { car: 'c1' }));
    await expect.poll(() => garage.cars.get('c1')).toBe('parked');
    expect(await engine.active('car:c1')).toEqual([id]);
    await engine.cancel(id);
    expect((await engine.finished(id)).error?.kind).toBe('cancelled');
    expect(garage.cars.get('c1 cancelled')).toBe('refused');
    expect(await engine.active('car:c1')).toEqual([]);
  });

  test('what another process cancels while a step fails does not go on', async () => {
    const [database, garage] = [await open(), newGarage()];
    const [engine, other] = [await boot(database, garage), await boot(database, garage)];
    const failing = saga<Garage, { car: string }>('garage.fail@1')
      .step('look', {
        do: async ({ deps, input, attempt, sagaId }) => {
          if (attempt > 1) return void deps.cars.set(input.car, 'parked');
          await other.cancel(sagaId);
          throw new Restart('look', {}, 'not here');
        },
      })
      .build();
    engine.register(failing, garage);
    const id = await database.transaction((trx) => engine.start(trx, failing, 'car:c1', { car: 'c1' }));
    expect((await engine.finished(id)).error?.kind).toBe('cancelled');
    expect(garage.cars.has('c1')).toBe(false);
  });

  test('an undo that keeps failing does not keep the others from running', async () => {
    const [database, garage] = [await open(), newGarage()];
    const engine = await boot(database, garage, (p) => {
      if (p.step === 'key' && p.when === 'before') throw new Error('fails');
    });
    garage.bays.delete = () => {
      throw new Error('stuck');
    };
    const id = await start(database, engine, 'c1');
    expect((await engine.finished(id)).failed).toBe(true);
    expect(garage.cars.get('c1')).toBe('refused');
    expect((await engine.history(id)).find((s) => s.name === 'bay')?.state).toBe('leaked');
  });

  test.each([
    ['what a step writes', 'write'],
    ['what a step answered', 'answer'],
    ['that a step was undone', 'undo'],
  ] as const)(
    'the database has no room for %s: the saga waits, and goes on when there is some',
    async (_, when) => {
      const [database, garage] = [await open(), newGarage()];
      const engine = await boot(database, garage);
      const db = database.tables<{ notes: { note: string } }>();
      await db.schema.createTable('notes').addColumn('note', 'text').execute();
      const allow = (pages: number) => sql`PRAGMA max_page_count = ${sql.lit(pages)}`.execute(db);
      const tooMuch = 'x'.repeat(1 << 20);
      const write = () => db.insertInto('notes').values({ note: tooMuch }).execute();
      let tries = 0;
      const full = saga<Garage, { car: string }>('garage.full@1')
        .step('book', {
          do: ({ deps, input }) => void deps.cars.set(input.car, 'parked'),
          undo: async ({ deps, input }) => {
            tries++;
            await write();
            deps.cars.set(input.car, 'refused');
          },
        })
        .step('work', {
          do: async () => {
            // as many pages as there are
            if (tries === 0) await allow(1);
            if (when === 'undo') throw new Error('broken');
            tries++;
            if (when === 'write') await write();
            return when === 'answer' ? tooMuch : '';
          },
        })
        .build();
      engine.register(full, garage);
      const id = await database.transaction((trx) => engine.start(trx, full, 'car:c1', { car: 'c1' }));
      await expect.poll(() => tries).toBeGreaterThan(0);
      await engine.idle();
      expect(await engine.active('car:c1')).toEqual([id]);
      await allow(1e6);
      expect((await engine.finished(id)).failed).toBe(when === 'undo');
      expect(tries).toBeGreaterThan(1);
      expect(garage.cars.get('c1')).toBe(when === 'undo' ? 'refused' : 'parked');
      expect((await engine.history(id)).map((s) => s.state)).toEqual(
        when === 'undo' ? ['undone', 'undone'] : ['done', 'done'],
      );
    },
  );

  describe('the harness', () => {
    const newWorld = async (): Promise<SagaWorld> => {
      const [database, garage] = [await open(), newGarage()];
      let engine: SagaEngine;
      return {
        boot: async (probe) => (engine = await boot(database, garage, probe)),
        trigger: async () => void (await start(database, engine, 'c1')),
        audit: async () => {
          const parked = garage.cars.get('c1') === 'parked';
          expect([garage.bays.size, garage.keys.size]).toEqual(parked ? [1, 1] : [0, 0]);
          expect(garage.cars.get('c1')).toBeDefined();
        },
        close: async () => {},
      };
    };
    test.each(sagaCases(park).map((c) => [c.title, c] as const))('%s', (_, c) => c.run(newWorld));

    test('finds a leak', async () => {
      const forgetful = async (): Promise<SagaWorld> => {
        const world = await newWorld();
        return { ...world, audit: () => Promise.reject(new Error('a bay has no car')) };
      };
      const goesWell = sagaCases(park)[0]!;
      await expect(goesWell.run(forgetful)).rejects.toThrow('a bay has no car');
    });
  });
});
