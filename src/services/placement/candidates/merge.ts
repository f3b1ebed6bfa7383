import type { Model, ModelProvider } from '../model/model.ts';
import type { Candidate, GroupSolution, SearchOptions, Share } from './candidate.ts';
import type { CandidateRequest } from './request.ts';

/** Puts solutions of single groups together to candidates for the whole request: one of each group, in one tree. */
export function merge(
  model: Model,
  request: CandidateRequest,
  solutions: readonly (readonly GroupSolution[])[],
  options: SearchOptions,
): Candidate[] {
  const searches = byAnchor(solutions).map((lists) => combinations(lists));
  const order = options.allocation_candidates_generation_strategy === 'breadth-first' ? roundRobin : oneByOne;
  const most = mostWanted(request, options);
  // a provider that shares serves several trees alike, otherwise no two candidates are the same
  const seen = model.sharingProviders.length > 0 ? new Set<string>() : undefined;
  const flat = !request.nested && model.hasNesting;
  const found: Candidate[] = [];
  for (const chosen of order(searches)) {
    if (found.length >= most) break;
    if (request.isolate && !isIsolated(chosen)) continue;
    if (!request.sameSubtrees.every((set) => sharesSubtree(model, chosen, set))) continue;
    const candidate = chosen.length === 1 ? candidateOf(chosen[0]!) : consolidate(chosen);
    if (flat && !usesTreesOnce(candidate)) continue;
    if (seen && seen.size === seen.add(keyOf(candidate)).size) continue;
    found.push(candidate);
  }
  return options.randomize_allocation_candidates ? shuffled(found).slice(0, request.limit) : found;
}

/** A random choice needs all there are to choose from; otherwise the first ones do. */
function mostWanted(request: CandidateRequest, options: SearchOptions): number {
  const most = options.max_allocation_candidates < 0 ? Infinity : options.max_allocation_candidates;
  return options.randomize_allocation_candidates ? most : Math.min(most, request.limit ?? Infinity);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** For every anchor that all groups have a solution in, those solutions by group. */
function byAnchor(solutions: readonly (readonly GroupSolution[])[]): GroupSolution[][][] {
  const anchors = new Map<string, GroupSolution[][]>();
  solutions.forEach((list, index) => {
    for (const solution of list) {
      let lists = anchors.get(solution.anchor);
      if (!lists) anchors.set(solution.anchor, (lists = solutions.map(() => [])));
      lists[index]!.push(solution);
    }
  });
  return [...anchors.values()].filter((lists) => lists.every((list) => list.length > 0));
}

/** Every choice of one solution per group that no provider has to give too much for; dead ends are left early. */
function* combinations(
  lists: readonly (readonly GroupSolution[])[],
  chosen: readonly GroupSolution[] = [],
): Generator<readonly GroupSolution[]> {
  if (chosen.length === lists.length) {
    yield chosen;
    return;
  }
  for (const solution of lists[chosen.length]!) {
    const next = [...chosen, solution];
    if (next.length === 1 || fits(next)) yield* combinations(lists, next);
  }
}

/** Whether nobody gives more than there is, or more than one allocation may have. */
function fits(chosen: readonly GroupSolution[]): boolean {
  const last = chosen.at(-1)!;
  return last.shares.every(({ provider, resourceClass }) => {
    let amount = 0;
    for (const solution of chosen) {
      for (const share of solution.shares)
        if (share.provider === provider && share.resourceClass === resourceClass) amount += share.amount;
    }
    const stock = provider.stocks.get(resourceClass)!;
    return stock.used + amount <= Math.trunc(stock.capacity) && amount <= stock.maxUnit;
  });
}

function* oneByOne<Item>(iterators: readonly Iterable<Item>[]): Generator<Item> {
  for (const iterator of iterators) yield* iterator;
}

function* roundRobin<Item>(iterators: readonly Iterator<Item>[]): Generator<Item> {
  let live = [...iterators];
  while (live.length > 0) {
    const still: Iterator<Item>[] = [];
    for (const iterator of live) {
      const { value, done } = iterator.next();
      if (done) continue;
      yield value as Item;
      still.push(iterator);
    }
    live = still;
  }
}

/** Whether each group with a suffix has a provider of its own. */
function isIsolated(chosen: readonly GroupSolution[]): boolean {
  const granular = chosen.filter((s) => s.group.suffix !== '');
  return new Set(granular.map((s) => s.providers[0])).size === granular.length;
}

/** Whether one of the providers that serve these groups is an ancestor of, or the same as, all the others. */
function sharesSubtree(
  model: Model,
  chosen: readonly GroupSolution[],
  suffixes: ReadonlySet<string>,
): boolean {
  const providers = new Set(chosen.filter((s) => suffixes.has(s.group.suffix)).flatMap((s) => s.providers));
  return [...providers].some((top) => [...providers].every((p) => isBelow(model, p, top)));
}

function isBelow(model: Model, provider: ModelProvider, top: ModelProvider): boolean {
  let at: ModelProvider | undefined = provider;
  while (at && at !== top) at = at.parentUuid === null ? undefined : model.providers.get(at.parentUuid);
  return at === top;
}

const candidateOf = (solution: GroupSolution): Candidate => ({
  shares: solution.shares,
  mappings: new Map([[solution.group.suffix, new Set(solution.providers)]]),
});

/** Adds up what several groups take of the same class from the same provider. */
function consolidate(chosen: readonly GroupSolution[]): Candidate {
  const shares: Share[] = [];
  for (const share of chosen.flatMap((s) => s.shares)) {
    const at = shares.findIndex(
      (s) => s.provider === share.provider && s.resourceClass === share.resourceClass,
    );
    if (at < 0) shares.push(share);
    else shares[at] = { ...share, amount: shares[at]!.amount + share.amount };
  }
  return {
    shares,
    mappings: new Map(chosen.map((s) => [s.group.suffix, new Set(s.providers)])),
  };
}

/** Two candidates with one key are the same. */
function keyOf(candidate: Candidate): string {
  const shares = candidate.shares.map((s) => `${s.provider.uuid}:${s.resourceClass}:${s.amount}`).sort();
  const mappings = [...candidate.mappings]
    .map(
      ([suffix, providers]) =>
        `${suffix}=${[...providers]
          .map((p) => p.uuid)
          .sort()
          .join()}`,
    )
    .sort();
  return `${shares.join()} ${mappings.join()}`;
}

/** Before nesting was known a tree gave from one provider at most. */
function usesTreesOnce(candidate: Candidate): boolean {
  const providers = new Set(candidate.shares.map((s) => s.provider));
  return new Set([...providers].map((p) => p.rootUuid)).size === providers.size;
}
