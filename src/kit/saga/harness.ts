import { Crash, type Probe, type SagaEngine } from './engine.ts';
import type { Saga } from './saga.ts';

/** A system around one saga, rebuilt for each case. */
export interface SagaWorld {
  /** Starts the system over its lasting state, or starts it again after a crash. */
  boot(probe?: Probe): Promise<SagaEngine>;
  /** Does what makes the saga start, as a user would; resolves once it has started. */
  trigger(): Promise<void>;
  /** Throws when something is stuck or has no owner. */
  audit(): Promise<void>;
  close(): Promise<void>;
}

/** One way to interfere with a saga. */
export interface SagaCase {
  readonly title: string;
  run(newWorld: () => Promise<SagaWorld>): Promise<void>;
}

/**
 * Every case a saga must survive: each step failing, the process dying before and after each step, and dying before and
 * after each undo. A death after a step's work is also its repetition, since the journal does not know it yet.
 */
export function sagaCases<Deps, Input>(saga: Saga<Deps, Input>): SagaCase[] {
  const steps = saga.steps.map((s) => s.name);
  const cases: SagaCase[] = [{ title: 'goes well', run: (newWorld) => runCase(saga.name, newWorld, []) }];
  for (const step of steps) {
    const fail = failAt(step);
    cases.push({ title: `${step} fails`, run: (w) => runCase(saga.name, w, [fail]) });
    for (const when of ['before', 'after'] as const) {
      cases.push({ title: `dies ${when} ${step}`, run: (w) => runCase(saga.name, w, [crashAt(step, when)]) });
    }
  }
  const last = steps.at(-1)!;
  for (const step of saga.steps.filter((s) => s.step.undo).map((s) => s.name)) {
    for (const when of ['beforeUndo', 'afterUndo'] as const) {
      cases.push({
        title: `${last} fails, dies ${when === 'beforeUndo' ? 'before' : 'after'} undoing ${step}`,
        run: (w) => runCase(saga.name, w, [failAt(last), crashAt(step, when)]),
      });
    }
  }
  return cases;
}

interface Interference {
  readonly step: string;
  readonly when: Parameters<Probe>[0]['when'];
  readonly error: () => Error;
  /** Whether the system is dead afterwards and must be booted again. */
  readonly deadly: boolean;
}

const failAt = (step: string): Interference => ({
  step,
  when: 'before',
  error: () => new Error(`${step} was made to fail`),
  deadly: false,
});
const crashAt = (step: string, when: Interference['when']): Interference => ({
  step,
  when,
  error: () => new Crash(`died at ${step}`),
  deadly: true,
});

/** Interferes in order, each once, booting again after a death; then waits for the end and audits. */
async function runCase(
  name: string,
  newWorld: () => Promise<SagaWorld>,
  interferences: readonly Interference[],
): Promise<void> {
  const world = await newWorld();
  try {
    const pending = [...interferences];
    let died = false;
    const probe: Probe = (point) => {
      const next = pending[0];
      if (!next || point.saga !== name || point.step !== next.step || point.when !== next.when) return;
      pending.shift();
      died ||= next.deadly;
      throw next.error();
    };
    let engine = await world.boot(probe);
    await world.trigger();
    await engine.idle();
    if (died) {
      engine = await world.boot();
      await engine.idle();
    }
    if (pending.length > 0) throw new Error(`the saga never came to ${pending[0]!.when} ${pending[0]!.step}`);
    await world.audit();
  } finally {
    await world.close();
  }
}
