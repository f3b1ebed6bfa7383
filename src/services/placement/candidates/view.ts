import type { Resources } from '#contracts/placement.ts';

import type { Model, ModelProvider } from '../model/model.ts';
import type { AnyCall } from '../requests.ts';
import type { Candidate } from './candidate.ts';
import type { CandidateRequest } from './request.ts';

/** Candidates as the API shows them: what could be allocated, and what is known of the providers involved. */
export function viewCandidates(
  model: Model,
  request: CandidateRequest,
  candidates: readonly Candidate[],
  call: AnyCall,
) {
  const allocations = call.atLeast('1.12') ? byProvider : asList;
  const mapped = call.atLeast('1.34');
  return {
    allocation_requests: candidates.map((candidate) => ({
      allocations: allocations(candidate),
      ...(mapped && { mappings: mappingsOf(candidate) }),
    })),
    provider_summaries: summaries(involved(model, request, candidates), request, call),
  };
}

function byProvider(candidate: Candidate): Record<string, { resources: Resources }> {
  const shown: Record<string, { resources: Record<string, number> }> = {};
  for (const { provider, resourceClass, amount } of candidate.shares)
    (shown[provider.uuid] ??= { resources: {} }).resources[resourceClass] = amount;
  return shown;
}

/** The form of allocations up to microversion 1.11. */
const asList = (candidate: Candidate) =>
  Object.entries(byProvider(candidate)).map(([uuid, { resources }]) => ({
    resource_provider: { uuid },
    resources,
  }));

function mappingsOf(candidate: Candidate): Record<string, string[]> {
  const shown: Record<string, string[]> = {};
  for (const [suffix, providers] of candidate.mappings)
    shown[suffix] = Array.from(providers, (provider) => provider.uuid);
  return shown;
}

/** Every provider of the trees that would give something; before nesting was known, only those that would. */
function involved(
  model: Model,
  request: CandidateRequest,
  candidates: readonly Candidate[],
): Iterable<ModelProvider> {
  const givers = new Set<ModelProvider>();
  for (const candidate of candidates) for (const share of candidate.shares) givers.add(share.provider);
  if (!model.hasNesting || !request.nested) return givers;
  const roots = new Set<string>();
  for (const giver of givers) roots.add(giver.rootUuid);
  return [...roots].flatMap((root) => model.trees.get(root)!);
}

function summaries(providers: Iterable<ModelProvider>, request: CandidateRequest, call: AnyCall) {
  const asked = new Set(request.groups.flatMap((group) => [...group.resources.keys()]));
  const show = {
    resources: call.atLeast('1.27') ? undefined : asked,
    traits: call.atLeast('1.17'),
    tree: call.atLeast('1.29'),
  };
  const shown: Record<string, unknown> = {};
  for (const provider of providers) {
    shown[provider.uuid] = {
      resources: stocksOf(provider, show.resources),
      ...(show.traits && { traits: [...provider.traits] }),
      ...(show.tree && {
        parent_provider_uuid: provider.parentUuid,
        root_provider_uuid: provider.rootUuid,
      }),
    };
  }
  return shown;
}

/** Capacity and use by resource class; of all classes, or of those asked for. */
export function stocksOf(provider: ModelProvider, only?: ReadonlySet<string>) {
  const shown: Record<string, { capacity: number; used: number }> = {};
  for (const [name, stock] of provider.stocks) {
    if (!only || only.has(name)) shown[name] = { capacity: Math.trunc(stock.capacity), used: stock.used };
  }
  return shown;
}
