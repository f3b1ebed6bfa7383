import { badRequest } from '#kit/errors/cloud-error.ts';

import { hasRoom, isMember, type Model, type ModelProvider, overlap } from '../model/model.ts';
import type { Candidate, GroupSolution, SearchOptions } from './candidate.ts';
import { merge } from './merge.ts';
import type { CandidateRequest, RequestGroup } from './request.ts';

/**
 * All ways to serve a request, none when there is no way. Throws `badRequest` for a resource class or trait that does
 * not exist.
 */
export function findCandidates(model: Model, request: CandidateRequest, options: SearchOptions): Candidate[] {
  const anchors = anchorsWith(model, request);
  if (anchors?.size === 0) return [];
  const solutions: GroupSolution[][] = [];
  for (const group of request.groups) {
    if (!canMatch(model, group)) return [];
    const found = solveGroup(model, group, anchors);
    if (found.length === 0) return [];
    solutions.push(found);
  }
  return merge(model, request, solutions, options);
}

/** The roots that `root_required` lets through; undefined when it was not asked for. */
function anchorsWith(model: Model, request: CandidateRequest): ReadonlySet<string> | undefined {
  const { root } = request;
  if (!root) return undefined;
  checkTraits(model, [...root.required.flatMap((any) => [...any]), ...root.forbidden]);
  const found = new Set<string>();
  for (const uuid of model.trees.keys()) {
    const { traits } = model.providers.get(uuid)!;
    if (root.required.every((any) => overlap(any, traits)) && !overlap(root.forbidden, traits))
      found.add(uuid);
  }
  return found;
}

/** Whether anything can match at all; names are checked on the way, in the order Placement does. */
function canMatch(model: Model, group: RequestGroup): boolean {
  for (const resourceClass of group.resources.keys()) {
    if (!model.hasClass(resourceClass)) {
      throw badRequest(
        `Invalid resource class in resources parameter: No such resource class ${resourceClass}.`,
      );
    }
  }
  const { required } = group.aggregates;
  if (required.length > 0 && ![...model.providers.values()].some((p) => isMember(p, required))) return false;
  checkTraits(model, [...group.traits.required.flatMap((any) => [...any]), ...group.traits.forbidden]);
  return group.inTree === undefined || model.providers.has(group.inTree);
}

function checkTraits(model: Model, names: readonly string[]): void {
  const unknown = names.find((name) => !model.hasTrait(name));
  if (unknown !== undefined) throw badRequest(`No such trait(s): ${unknown}.`);
}

function solveGroup(
  model: Model,
  group: RequestGroup,
  anchors: ReadonlySet<string> | undefined,
): GroupSolution[] {
  const within = group.inTree === undefined ? undefined : model.providers.get(group.inTree)!.rootUuid;
  const providers = within === undefined ? model.providers.values() : model.trees.get(within)!.values();
  const together = group.suffix === '' && (model.sharingProviders.length > 0 || model.hasNesting);
  return together
    ? solveTogether(model, group, providers, anchors)
    : solveAlone(model, group, providers, anchors);
}

/** Providers that serve the whole group by themselves, in their own tree or, if they share, in others. */
function solveAlone(
  model: Model,
  group: RequestGroup,
  providers: Iterable<ModelProvider>,
  anchors: ReadonlySet<string> | undefined,
): GroupSolution[] {
  const { traits, aggregates } = group;
  const amounts = [...group.resources];
  const sharing = new Set(model.sharingProviders);
  const solutions: GroupSolution[] = [];
  for (const provider of providers) {
    const matches =
      amounts.every(([name, amount]) => hasRoom(provider.stocks.get(name), amount)) &&
      traits.required.every((any) => overlap(any, provider.traits)) &&
      !overlap(traits.forbidden, provider.traits) &&
      isMember(provider, aggregates.required) &&
      !overlap(aggregates.forbidden, provider.aggregates);
    if (!matches) continue;
    const roots = sharing.has(provider)
      ? new Set([provider.rootUuid, ...model.anchorsOf(provider)])
      : [provider.rootUuid];
    const shares = amounts.map(([resourceClass, amount]) => ({ provider, resourceClass, amount }));
    for (const anchor of roots) {
      if (!anchors || anchors.has(anchor)) solutions.push({ group, anchor, shares, providers: [provider] });
    }
  }
  return solutions;
}

/** Providers of one tree, and those that share with it, that serve the group together. */
function solveTogether(
  model: Model,
  group: RequestGroup,
  providers: Iterable<ModelProvider>,
  anchors: ReadonlySet<string> | undefined,
): GroupSolution[] {
  const pool = [...providers];
  // by anchor, for each class those who have room for it
  const offers = new Map<string, ModelProvider[][]>();
  const classes = [...group.resources];
  classes.forEach(([name, amount], index) => {
    for (const [anchor, provider] of placesOf(model, group, pool)) {
      if (anchors && !anchors.has(anchor)) continue;
      if (!hasRoom(provider.stocks.get(name), amount)) continue;
      if (!passesAggregates(model, group, provider, anchor)) continue;
      let lists = offers.get(anchor);
      if (!lists) offers.set(anchor, (lists = classes.map(() => [])));
      if (!lists[index]!.includes(provider)) lists[index]!.push(provider);
    }
  });
  const solutions: GroupSolution[] = [];
  for (const [anchor, lists] of offers) {
    for (const chosen of product(lists)) {
      if (!passesTraits(group, chosen)) continue;
      const shares = chosen.map((provider, i) => ({
        provider,
        resourceClass: classes[i]![0],
        amount: classes[i]![1],
      }));
      solutions.push({ group, anchor, shares, providers: [...new Set(chosen)] });
    }
  }
  return solutions;
}

/** Every provider with each anchor it can serve: its own root, and, unless a tree was asked for, those it shares with. */
function* placesOf(
  model: Model,
  group: RequestGroup,
  pool: readonly ModelProvider[],
): Iterable<[string, ModelProvider]> {
  for (const provider of pool) yield [provider.rootUuid, provider];
  if (group.inTree !== undefined) return;
  for (const provider of model.sharingProviders) {
    if (!isMember(provider, group.aggregates.required)) continue;
    for (const anchor of model.anchorsOf(provider)) yield [anchor, provider];
  }
}

/** An aggregate on the root spans the whole tree. */
function passesAggregates(
  model: Model,
  group: RequestGroup,
  provider: ModelProvider,
  anchor: string,
): boolean {
  const { required, forbidden } = group.aggregates;
  const root = model.providers.get(anchor)!;
  if (required.length > 0 && !isMember(provider, required) && !isMember(root, required)) return false;
  return !overlap(forbidden, provider.aggregates) && !overlap(forbidden, root.aggregates);
}

/** Nobody has a forbidden trait, and together they have the required ones. */
const passesTraits = ({ traits }: RequestGroup, chosen: readonly ModelProvider[]): boolean =>
  !chosen.some((p) => overlap(traits.forbidden, p.traits)) &&
  traits.required.every((any) => chosen.some((p) => overlap(any, p.traits)));

/** Every choice of one item from each list. */
function* product<Item>(lists: readonly (readonly Item[])[]): Generator<Item[]> {
  const [first, ...rest] = lists;
  if (!first) {
    yield [];
    return;
  }
  for (const item of first) for (const others of product(rest)) yield [item, ...others];
}
