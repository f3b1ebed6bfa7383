import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';
import { repr } from '#kit/http/validation.ts';

import { errorCodes } from '../faults.ts';
import {
  type AggregateFilter,
  parseInTree,
  parseMemberOf,
  parseRequired,
  parseResources,
  parseTraits,
  type TraitFilter,
} from '../filters.ts';
import type { AnyCall } from '../requests.ts';

/**
 * What one group of a request asks for. The group without a suffix may be served by several providers of a tree and by
 * those that share with it; a group with a suffix by one provider alone.
 */
export interface RequestGroup {
  readonly suffix: string;
  readonly resources: ReadonlyMap<string, number>;
  readonly traits: TraitFilter;
  readonly aggregates: AggregateFilter;
  /** Any provider of the tree that must serve the group. */
  readonly inTree: string | undefined;
}

/** A request for candidates. */
export interface CandidateRequest {
  readonly groups: readonly RequestGroup[];
  /** Whether each group with a suffix must have a provider of its own. */
  readonly isolate: boolean;
  /** Traits the root of the tree must or must not have. */
  readonly root: TraitFilter | undefined;
  /** Sets of suffixes whose providers must lie below one of them. */
  readonly sameSubtrees: readonly ReadonlySet<string>[];
  readonly limit: number | undefined;
  /** Whether several providers of one tree may serve together (microversion 1.29). */
  readonly nested: boolean;
}

/** Reads the query of `GET /allocation_candidates`. Throws `badRequest` in Placement's words. */
export function parseCandidateQuery(call: AnyCall & { query: Query }): CandidateRequest {
  const form = formOf(call);
  form.check(call.query);
  const limit = lastOf(call.query.limit);
  if (limit !== undefined && !/^[1-9][0-9]*$/.test(limit))
    throw invalid(`${repr(limit)} does not match '^[1-9][0-9]*$'`, 'pattern');
  const policy = firstOf(call.query.group_policy);
  if (policy !== undefined && policy !== 'none' && policy !== 'isolate')
    throw invalid(`${repr(policy)} is not one of ['none', 'isolate']`, 'enum');

  const root = parseRootRequired(call.query.root_required);
  const sameSubtrees = allOf(call.query.same_subtree).map(parseSubtree);
  const groups = parseGroups(call, form.groupKey);
  if (call.atLeast('1.36')) checkSubtrees(groups, sameSubtrees);
  else checkOrphans(groups);
  if (call.atLeast('1.22')) checkConflicts(groups);
  if (policy === undefined && groups.filter((g) => g.suffix !== '').length > 1) {
    throw badRequest(
      'The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.',
    );
  }
  return {
    groups,
    isolate: policy === 'isolate',
    root,
    sameSubtrees,
    limit: limit === undefined ? undefined : Number(firstOf(call.query.limit)),
    nested: call.atLeast('1.29'),
  };
}

const allOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
const firstOf = (value: string | string[] | undefined): string | undefined => allOf(value)[0];
const lastOf = (value: string | string[] | undefined): string | undefined => allOf(value).at(-1);

const invalid = (problem: string, keyword: string) =>
  badRequest(`Invalid query string parameters: ${problem}\n\nFailed validating '${keyword}' in schema`);

/** Which parameters a microversion takes. */
interface Form {
  readonly groupKey: RegExp;
  check(query: Query): void;
}

function formOf(call: AnyCall): Form {
  const wide = ['limit', 'group_policy', 'root_required', 'same_subtree'].filter((_, i) =>
    call.atLeast((['1.16', '1.25', '1.35', '1.36'] as const)[i]!),
  );
  if (!call.atLeast('1.25')) return ungroupedForm(call, wide);
  const kinds = ['resources', 'required', 'member_of', ...(call.atLeast('1.31') ? ['in_tree'] : [])];
  const suffix = call.atLeast('1.33') ? '[a-zA-Z0-9_-]{1,64}' : '[1-9][0-9]*';
  return {
    groupKey: new RegExp(`^(${kinds.join('|')})(${suffix})?$`),
    check(query) {
      const extra = Object.keys(query).find((key) => !this.groupKey.test(key) && !wide.includes(key));
      if (extra === undefined) return;
      const patterns = kinds
        .map((kind) => `^${kind}(${suffix})?$`)
        .sort()
        .map(repr);
      throw invalid(
        `${repr(extra)} does not match any of the regexes: ${patterns.join(', ')}`,
        'additionalProperties',
      );
    },
  };
}

function ungroupedForm(call: AnyCall, wide: readonly string[]): Form {
  const kinds = ['resources'];
  if (call.atLeast('1.17')) kinds.push('required');
  if (call.atLeast('1.21')) kinds.push('member_of');
  return {
    groupKey: new RegExp(`^(${kinds.join('|')})()$`),
    check(query) {
      const extra = Object.keys(query).find((key) => !kinds.includes(key) && !wide.includes(key));
      if (extra !== undefined)
        throw invalid(
          `Additional properties are not allowed (${repr(extra)} was unexpected)`,
          'additionalProperties',
        );
      if (query.resources === undefined) throw invalid("'resources' is a required property", 'required');
    },
  };
}

function parseGroups(call: AnyCall & { query: Query }, key: RegExp): RequestGroup[] {
  const suffixes = new Set<string>();
  for (const name of Object.keys(call.query)) {
    const match = key.exec(name);
    if (match) suffixes.add(match[2] ?? '');
  }
  const value = (kind: string, suffix: string) => lastOf(call.query[kind + suffix]);
  return [...suffixes].map((suffix) => {
    const resources = value('resources', suffix);
    const inTree = value('in_tree', suffix);
    return {
      suffix,
      resources: resources === undefined ? new Map() : parseResources(resources),
      traits: parseRequired(allOf(call.query[`required${suffix}`]), call),
      aggregates: parseMemberOf(allOf(call.query[`member_of${suffix}`]), call, suffix),
      inTree: inTree === undefined ? undefined : parseInTree(inTree),
    };
  });
}

function parseRootRequired(value: string | string[] | undefined): TraitFilter | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) {
    throw badRequest("Query parameter 'root_required' may be specified only once.", {
      code: errorCodes.duplicateKey,
    });
  }
  const filter = parseTraits(value, { forbidden: true, any: false });
  const conflicts = [...filter.forbidden].filter((t) => filter.required.some((any) => any.has(t)));
  if (conflicts.length > 0) {
    throw badRequest(
      `Conflicting required and forbidden traits found in root_required: ${conflicts.join(', ')}`,
      { code: errorCodes.badValue },
    );
  }
  return filter;
}

function parseSubtree(value: string): Set<string> {
  const suffixes = new Set(value.split(',').map((item) => item.trim()));
  if (suffixes.has('')) {
    throw badRequest('Empty string (unsuffixed group) can not be specified in `same_subtree` ', {
      code: errorCodes.badValue,
    });
  }
  return suffixes;
}

/** From 1.36 on a group may ask for no resources, but only to tie others together. */
function checkSubtrees(groups: readonly RequestGroup[], sameSubtrees: readonly ReadonlySet<string>[]): void {
  const named = sameSubtrees.flatMap((set) => [...set]);
  const resourceless = groups.filter((g) => g.resources.size === 0).map((g) => g.suffix);
  if (resourceless.length === groups.length) {
    throw badRequest('There must be at least one resources or resources[$S] parameter.', {
      code: errorCodes.missingValue,
    });
  }
  const loose = resourceless.filter((suffix) => !named.includes(suffix));
  if (loose.length > 0) {
    throw badRequest(
      `Resourceless suffixed group request should be specified in \`same_subtree\` query param: bad group(s) - ${repr(loose)}.`,
      { code: errorCodes.badValue },
    );
  }
  const suffixes = groups.map((g) => g.suffix);
  const unknown = named.filter((suffix) => !suffixes.includes(suffix));
  if (unknown.length > 0) {
    throw badRequest(
      `Real suffixes should be specified in \`same_subtree\`: ${repr(unknown)} not found in ${repr(suffixes)}.`,
      { code: errorCodes.badValue },
    );
  }
}

/** Up to 1.35 every group asks for resources. */
function checkOrphans(groups: readonly RequestGroup[]): void {
  const bare = groups.filter((g) => g.resources.size === 0);
  const traits = bare.filter((g) => g.traits.required.length > 0).map((g) => `required${g.suffix}`);
  if (traits.length > 0) {
    throw badRequest(
      `All traits parameters must be associated with resources.  Found the following orphaned traits keys: ${traits.join(', ')}`,
    );
  }
  const aggregates = bare
    .filter((g) => g.aggregates.required.length > 0 || g.aggregates.forbidden.size > 0)
    .map((g) => `member_of${g.suffix}`);
  if (aggregates.length > 0) {
    throw badRequest(
      `All member_of parameters must be associated with resources. Found the following orphaned member_of keys: ${aggregates.join(', ')}`,
    );
  }
  if (bare.length > 0) throw badRequest('All request groups must specify resources.');
  if (groups.length === 0)
    throw badRequest('At least one request group (`resources` or `resources{$S}`) is required.');
}

function checkConflicts(groups: readonly RequestGroup[]): void {
  const conflicts = groups.flatMap(({ suffix, traits }) =>
    traits.required
      .filter((any) => [...any].every((trait) => traits.forbidden.has(trait)))
      .map((any) => `required${suffix}: (${[...any].sort().join(', ')})`),
  );
  if (conflicts.length > 0) {
    throw badRequest(
      `Conflicting required and forbidden traits found in the following traits keys: ${conflicts.sort().join(', ')}`,
    );
  }
}
