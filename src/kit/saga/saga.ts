import type { ErrorKind } from '../errors/cloud-error.ts';

/** What a step is given. Everything in it survives a crash: a step that runs again sees the same input and outputs. */
export interface StepContext<Deps, Input, Outputs> {
  readonly deps: Deps;
  readonly input: Input;
  /** What earlier steps returned, by step name. */
  readonly outputs: Outputs;
  /** Unique to this saga: the root of idempotency keys. */
  readonly sagaId: string;
  /** 1, and one more after each {@link Restart}. */
  readonly attempt: number;
  /** What restarts left for later attempts, e.g. hosts that failed. */
  readonly memo: Readonly<Record<string, unknown>>;
  /** Aborts when the saga is cancelled. A process that stops lets the step end. */
  readonly signal: AbortSignal;
}

/** What an undo is given: outputs may be missing, since the step itself may not have finished. */
export interface UndoContext<Deps, Input, Outputs> extends Omit<
  StepContext<Deps, Input, Outputs>,
  'outputs' | 'signal'
> {
  readonly outputs: Partial<Outputs>;
  /** Why the saga unwinds. */
  readonly error: SagaError;
  /** Whether it goes on afterwards from where a {@link Restart} said, instead of ending. */
  readonly restarts: boolean;
}

/** Why a saga failed; `cancelled` when it was asked to stop. */
export interface SagaError {
  readonly kind: ErrorKind | 'cancelled';
  readonly message: string;
  /** The step that failed. */
  readonly step: string;
}

/** One step. `do` must be idempotent; `undo` must tolerate that nothing, or only part, was done. */
export interface Step<Deps, Input, Outputs, Out> {
  do(context: StepContext<Deps, Input, Outputs>): Promise<Out> | Out;
  /** Takes back what `do` did. Also runs for the step that failed. Left out: there is nothing to take back. */
  undo?(context: UndoContext<Deps, Input, Outputs>): Promise<void> | void;
  /** How often `do` is tried again when it throws `unavailable`; `forever` for steps that must get through. */
  retry?: number | 'forever';
}

/** A step with its name and without its types, as the engine runs it. */
export interface AnyStep {
  readonly name: string;
  readonly step: Step<never, never, never, unknown>;
}

/** A durable multi-step operation, as data. Names carry a version, since sagas outlive an upgrade. */
export interface Saga<Deps, Input> {
  readonly name: string;
  readonly steps: readonly AnyStep[];
  /** Only types: keeps deps and input attached to the definition. */
  readonly types?: { deps: Deps; input: Input };
}

/** Thrown by a step: undo everything back to and including `step`, then go on from there with `memo` merged in. */
export class Restart extends Error {
  readonly step: string;
  readonly memo: Readonly<Record<string, unknown>>;
  constructor(step: string, memo: Readonly<Record<string, unknown>>, reason: string) {
    super(reason);
    this.step = step;
    this.memo = memo;
  }
}

class SagaBuilder<Deps, Input, Outputs extends object> {
  readonly #name: string;
  readonly #steps: readonly AnyStep[];

  constructor(name: string, steps: readonly AnyStep[]) {
    this.#name = name;
    this.#steps = steps;
  }

  /** Adds a step; what `do` returns must be JSON and is seen by later steps under `name`. */
  step<const Name extends string, Out>(
    name: Name,
    step: Step<Deps, Input, Outputs, Out>,
  ): SagaBuilder<Deps, Input, Outputs & Record<Name, Out>> {
    return new SagaBuilder(this.#name, [...this.#steps, { name, step: step as AnyStep['step'] }]);
  }

  /** The finished definition. */
  build(): Saga<Deps, Input> {
    const names = this.#steps.map((s) => s.name);
    if (new Set(names).size !== names.length) throw new Error(`saga ${this.#name} has two steps of one name`);
    return { name: this.#name, steps: this.#steps };
  }
}

/** Begins a saga definition: `saga<Compute, Input>('compute.server.create@1').step(…).step(…).build()`. */
export const saga = <Deps, Input>(name: `${string}@${number}`): SagaBuilder<Deps, Input, object> =>
  new SagaBuilder(name, []);
