import type {
  Candidate,
  CandidateQuery,
  Claim,
  HostProvider,
  PlacementContract,
  Resources,
} from '#contracts/placement.ts';
import { isKind } from '#kit/errors/cloud-error.ts';

import { AllocationRefused, freeAllocations, replaceAllocations } from './allocations/replace.ts';
import type { CandidateRequest } from './candidates/request.ts';
import { findCandidates } from './candidates/search.ts';
import { stocksOf } from './candidates/view.ts';
import { setInventories } from './inventories/inventories.ts';
import type { Inventory } from './inventories/store.ts';
import type { Provider } from './resource-providers/store.ts';
import { createProvider, findProvider, removeProvider } from './resource-providers/tree.ts';
import type { Placement } from './service.ts';
import { standardTraits } from './standard/traits.ts';
import type { Change } from './stores.ts';
import { setTraits } from './traits/provider-traits.ts';
import { unknownTraits } from './vocabulary.ts';

/** What Placement does for the other services, on the same rows as its API. */
export class PlacementForServices implements PlacementContract {
  readonly standardTraits: ReadonlySet<string> = new Set(standardTraits);
  readonly #placement: Placement;

  constructor(placement: Placement) {
    this.#placement = placement;
  }

  async reportHost(host: HostProvider): Promise<void> {
    if (await this.#isReported(host)) return;
    await this.#placement.change(async (change) => {
      const provider =
        (await change.providers.find(host.uuid)) ??
        (await createProvider(change, { uuid: host.uuid, name: host.name, parentUuid: null }));
      if (provider.name !== host.name)
        await change.providers.update(
          { ...provider, name: host.name, updatedAt: change.now },
          change.revision,
        );
      await report(change, provider, host);
    });
  }

  async removeHost(uuid: string): Promise<void> {
    await this.#placement.change(async (change) => {
      if (await change.providers.find(uuid)) await removeProvider(change, uuid);
    });
  }

  async setAggregates(provider: string, aggregates: readonly string[]): Promise<void> {
    await this.#placement.change(async (change) => {
      await findProvider(change, provider);
      const present = new Set(await change.aggregates.list(provider));
      const wanted = new Set(aggregates);
      if (present.size === wanted.size && [...wanted].every((a) => present.has(a))) return;
      await change.aggregates.replace(provider, [...wanted]);
      await change.advance(provider);
    });
  }

  async candidates(query: CandidateQuery): Promise<Candidate[]> {
    const model = await this.#placement.model.current();
    const found = findCandidates(model, requestFor(query), this.#placement.options);
    return found.map(({ shares }) => {
      const { provider } = shares[0]!;
      return {
        provider: provider.uuid,
        resources: query.resources,
        summary: stocksOf(provider),
        traits: [...provider.traits],
      };
    });
  }

  async claim(claim: Claim): Promise<boolean> {
    try {
      await this.#placement.change((change) =>
        replaceAllocations(change, [{ consumerType: 'INSTANCE', ...claim }]),
      );
      return true;
    } catch (error) {
      // a provider that is gone has no room either
      if (error instanceof AllocationRefused || isKind(error, 'badRequest')) return false;
      throw error;
    }
  }

  async allocations(consumer: string): Promise<Readonly<Record<string, Resources>>> {
    const held: Record<string, Record<string, number>> = {};
    for (const a of await this.#placement.stores.allocations.ofConsumer(consumer))
      (held[a.providerUuid] ??= {})[a.resourceClass] = a.used;
    return held;
  }

  async transfer(from: string, to: string, consumerType = 'INSTANCE'): Promise<void> {
    await this.#placement.change(async (change) => {
      const held = await change.allocations.ofConsumer(from);
      const consumers = await change.allocations.findConsumers([from, to]);
      const giver = consumers.get(from);
      if (!giver) return;
      const replaced = await change.allocations.ofConsumer(to);
      await change.allocations.removeOfConsumers([from, to]);
      await change.allocations.removeConsumers([from]);
      const generation = (consumers.get(to)?.generation ?? 0) + 1;
      await change.allocations.putConsumer({ ...giver, uuid: to, generation, consumerType });
      await change.allocations.insert(held.map((a) => ({ ...a, consumerUuid: to })));
      const providers = [...held, ...replaced].map((a) => a.providerUuid);
      await change.providers.advance([...new Set(providers)], change.revision);
    });
  }

  async release(consumer: string): Promise<void> {
    if ((await this.#placement.stores.allocations.ofConsumer(consumer)).length === 0) return;
    await this.#placement.change(async (change) =>
      freeAllocations(change, await change.allocations.ofConsumer(consumer)),
    );
  }

  consumers(): Promise<readonly string[]> {
    return this.#placement.stores.allocations.listConsumers();
  }

  /** Whether a report would change nothing: the common case, which then writes nothing. */
  async #isReported(host: HostProvider): Promise<boolean> {
    const { stores } = this.#placement;
    const provider = await stores.providers.find(host.uuid);
    if (provider?.name !== host.name) return false;
    const inventories = await stores.inventories.list(host.uuid);
    const traits = await stores.traits.ofProvider(host.uuid);
    return sameInventories(inventories, host) && sameTraits(traits, await wantedTraits(stores, traits, host));
  }
}

async function report(change: Change, provider: Provider, host: HostProvider): Promise<void> {
  const present = await change.inventories.list(provider.uuid);
  if (!sameInventories(present, host)) {
    const wanted = Object.entries(host.inventories).map(([resourceClass, amounts]): Inventory => ({
      ...amounts,
      resourceClass,
      createdAt: change.now,
      updatedAt: null,
    }));
    await setInventories(change, provider, wanted);
  }
  const traits = await change.traits.ofProvider(provider.uuid);
  await setTraits(change, provider.uuid, await wantedTraits(change, traits, host));
}

/** A host's traits that exist, and the custom ones an operator gave it, which no host reports. */
async function wantedTraits(
  stores: Placement['stores'],
  present: readonly string[],
  host: HostProvider,
): Promise<string[]> {
  const unknown = await unknownTraits(stores, host.traits);
  const custom = present.filter((trait) => trait.startsWith('CUSTOM_'));
  return [...new Set([...host.traits.filter((trait) => !unknown.includes(trait)), ...custom])];
}

const sameTraits = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((trait) => b.includes(trait));

function sameInventories(present: readonly Inventory[], host: HostProvider): boolean {
  return (
    present.length === Object.keys(host.inventories).length &&
    present.every((p) => {
      const wanted = host.inventories[p.resourceClass];
      return (
        wanted !== undefined &&
        p.total === wanted.total &&
        p.reserved === wanted.reserved &&
        p.minUnit === wanted.minUnit &&
        p.maxUnit === wanted.maxUnit &&
        p.stepSize === wanted.stepSize &&
        p.allocationRatio === wanted.allocationRatio
      );
    })
  );
}

/** All resources from one provider, as a group with a suffix has them. */
const requestFor = (query: CandidateQuery): CandidateRequest => ({
  groups: [
    {
      suffix: '_HOST',
      resources: new Map(Object.entries(query.resources)),
      traits: {
        required: (query.requiredTraits ?? []).map((trait) => new Set([trait])),
        forbidden: new Set(query.forbiddenTraits),
      },
      aggregates: { required: query.memberOf ?? [], forbidden: new Set() },
      inTree: undefined,
    },
  ],
  isolate: false,
  root: undefined,
  sameSubtrees: [],
  limit: query.limit,
  nested: true,
});
