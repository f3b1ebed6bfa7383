import type { Provider } from '../resource-providers/store.ts';
import { isStandardClass, isStandardTrait } from '../vocabulary.ts';

/** How much of one resource class a provider has and gave. */
export interface Stock {
  readonly resourceClass: string;
  /** What may be given in all; not an integer when the allocation ratio is not. */
  readonly capacity: number;
  readonly used: number;
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
}

/** A provider with everything that decides whether it is a candidate. */
export interface ModelProvider extends Provider {
  readonly stocks: ReadonlyMap<string, Stock>;
  /** By name. */
  readonly traits: ReadonlySet<string>;
  readonly aggregates: ReadonlySet<string>;
}

/** The trait of providers that share what they have with everybody in their aggregates. */
const sharing = 'MISC_SHARES_VIA_AGGREGATE';

/** Whether a stock has room for this much, and gives it in one piece. */
export const hasRoom = (stock: Stock | undefined, amount: number): boolean =>
  stock !== undefined &&
  stock.used + amount <= stock.capacity &&
  amount >= stock.minUnit &&
  amount <= stock.maxUnit &&
  amount % stock.stepSize === 0;

/** Whether a provider is in one aggregate of each list. */
export const isMember = (provider: ModelProvider, required: readonly (readonly string[])[]): boolean =>
  required.every((any) => any.some((aggregate) => provider.aggregates.has(aggregate)));

/** Whether two sets have anything in common. */
export const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  for (const item of a) if (b.has(item)) return true;
  return false;
};

/** All providers as of one reading of the clock, in the order they were made. */
export class Model {
  readonly providers: ReadonlyMap<string, ModelProvider>;
  readonly #customTraits: ReadonlySet<string>;
  readonly #customClasses: ReadonlySet<string>;
  #trees: Map<string, ModelProvider[]> | undefined;
  #sharing: ModelProvider[] | undefined;
  #anchors: Map<string, Set<string>> | undefined;

  constructor(
    providers: ReadonlyMap<string, ModelProvider>,
    customTraits: readonly string[],
    customClasses: readonly string[],
  ) {
    this.providers = providers;
    this.#customTraits = new Set(customTraits);
    this.#customClasses = new Set(customClasses);
  }

  hasTrait(name: string): boolean {
    return isStandardTrait(name) || this.#customTraits.has(name);
  }

  hasClass(name: string): boolean {
    return isStandardClass(name) || this.#customClasses.has(name);
  }

  /** Providers by the root of their tree. */
  get trees(): ReadonlyMap<string, readonly ModelProvider[]> {
    if (!this.#trees) {
      this.#trees = new Map();
      for (const provider of this.providers.values()) {
        const tree = this.#trees.get(provider.rootUuid);
        if (tree) tree.push(provider);
        else this.#trees.set(provider.rootUuid, [provider]);
      }
    }
    return this.#trees;
  }

  /** Whether any provider has a parent. */
  get hasNesting(): boolean {
    return this.trees.size !== this.providers.size;
  }

  /** Providers that share what they have with those in the same aggregates. */
  get sharingProviders(): readonly ModelProvider[] {
    this.#sharing ??= [...this.providers.values()].filter((p) => p.traits.has(sharing));
    return this.#sharing;
  }

  /** The roots of all trees with a provider in an aggregate of `provider`, its own among them. */
  anchorsOf(provider: ModelProvider): Set<string> {
    const found = new Set<string>();
    for (const aggregate of provider.aggregates) for (const root of this.#rootsIn(aggregate)) found.add(root);
    return found;
  }

  #rootsIn(aggregate: string): ReadonlySet<string> {
    if (!this.#anchors) {
      this.#anchors = new Map();
      for (const provider of this.providers.values()) {
        for (const name of provider.aggregates) {
          const roots = this.#anchors.get(name);
          if (roots) roots.add(provider.rootUuid);
          else this.#anchors.set(name, new Set([provider.rootUuid]));
        }
      }
    }
    return this.#anchors.get(aggregate) ?? new Set();
  }
}
