import type { ModelProvider } from '../model/model.ts';
import type { RequestGroup } from './request.ts';

/** How much of a resource class one provider would give. */
export interface Share {
  readonly provider: ModelProvider;
  readonly resourceClass: string;
  readonly amount: number;
}

/** One way to serve one group, in the tree that `anchor` is the root of. */
export interface GroupSolution {
  readonly group: RequestGroup;
  readonly anchor: string;
  readonly shares: readonly Share[];
  /** Who serves the group; a group without resources has a provider too. */
  readonly providers: readonly ModelProvider[];
}

/** One way to serve a whole request. */
export interface Candidate {
  readonly shares: readonly Share[];
  /** Who serves each group, by suffix. */
  readonly mappings: ReadonlyMap<string, ReadonlySet<ModelProvider>>;
}

/** How many candidates are made, and in which order. */
export interface SearchOptions {
  readonly randomize_allocation_candidates: boolean;
  /** -1: as many as there are. */
  readonly max_allocation_candidates: number;
  readonly allocation_candidates_generation_strategy: 'depth-first' | 'breadth-first';
}
