import type { ClockReading } from '../clock.ts';
import type { Stores } from '../stores.ts';
import { compareTraits } from '../vocabulary.ts';
import { Model, type ModelProvider, type Stock } from './model.ts';
import type { ModelStore } from './store.ts';

/**
 * Keeps all providers in memory. Every use reads the clock first: what any control process changed since is loaded
 * before the answer, so that a reader sees every change that was committed when it asked.
 */
export class ReadModel {
  readonly #stores: Stores;
  readonly #store: ModelStore;
  #model: Model | undefined;
  #reading: ClockReading = { revision: -1, epoch: -1 };
  #loading: Promise<Model> | undefined;

  constructor(stores: Stores, store: ModelStore) {
    this.#stores = stores;
    this.#store = store;
  }

  async current(): Promise<Model> {
    for (;;) {
      const reading = await this.#stores.clock.read();
      const { revision, epoch } = this.#reading;
      if (this.#model && reading.revision <= revision && reading.epoch === epoch) return this.#model;
      if (!this.#loading) {
        this.#loading = this.#load(reading).finally(() => (this.#loading = undefined));
        return this.#loading;
      }
      // began before this reading: look again when it is done
      await this.#loading;
    }
  }

  async #load(reading: ClockReading): Promise<Model> {
    const fresh = !this.#model || reading.epoch !== this.#reading.epoch;
    const after = fresh ? -1 : this.#reading.revision;
    const providers = await this.#stores.providers.changedSince(after);
    const [inventories, uses, traits, aggregates, custom] = await Promise.all([
      this.#store.inventories(after),
      this.#store.uses(after),
      this.#store.traits(after),
      this.#store.aggregates(after),
      this.#store.customNames(),
    ]);
    const used = new Map(uses.map((u) => [`${u.provider_uuid} ${u.resource_class}`, u.used]));
    const stocks = grouped(
      inventories,
      (i) => i.provider_uuid,
      (i): [string, Stock] => [
        i.resource_class,
        {
          resourceClass: i.resource_class,
          capacity: (i.total - i.reserved) * i.allocation_ratio,
          used: used.get(`${i.provider_uuid} ${i.resource_class}`) ?? 0,
          minUnit: i.min_unit,
          maxUnit: i.max_unit,
          stepSize: i.step_size,
        },
      ],
    );
    const traitsOf = grouped(
      traits,
      (t) => t.provider_uuid,
      (t) => t.trait,
    );
    const aggregatesOf = grouped(
      aggregates,
      (a) => a.provider_uuid,
      (a) => a.aggregate_uuid,
    );
    const all = new Map<string, ModelProvider>(fresh ? [] : this.#model!.providers);
    for (const provider of providers) {
      all.set(provider.uuid, {
        ...provider,
        stocks: new Map(stocks.get(provider.uuid)),
        traits: new Set(traitsOf.get(provider.uuid)?.sort(compareTraits)),
        aggregates: new Set(aggregatesOf.get(provider.uuid)),
      });
    }
    this.#model = new Model(all, custom.traits, custom.classes);
    // changes committed while this loaded carry a later revision: they are loaded again next time
    this.#reading = reading;
    return this.#model;
  }
}

function grouped<Row, Item>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(itemOf(row));
    else groups.set(key, [itemOf(row)]);
  }
  return groups;
}
