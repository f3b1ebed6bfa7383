import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';

import { ReadModel } from './model/read-model.ts';
import { ModelStore } from './model/store.ts';
import type { placementOptions } from './options.ts';
import { type Change, changing, type Stores, storesOf } from './stores.ts';

/** What Placement needs from outside. */
export interface PlacementParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly options: Values<typeof placementOptions>;
}

/** The Placement service: what its endpoints work with. */
export class Placement {
  readonly clock: Clock;
  readonly options: Values<typeof placementOptions>;
  readonly stores: Stores;
  readonly model: ReadModel;
  /** When this process began: the age of what is part of the program, such as standard traits. */
  readonly startedAt: number;
  readonly #database: Database;

  constructor(parts: PlacementParts) {
    this.#database = parts.database;
    this.clock = parts.clock;
    this.options = parts.options;
    this.startedAt = parts.clock.now();
    this.stores = storesOf(parts.database);
    this.model = new ReadModel(this.stores, new ModelStore(parts.database.tables()));
  }

  /** Runs a change of Placement's data; changes follow one another, whichever process makes them. */
  change<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    return changing(this.#database, this.clock, work);
  }
}
