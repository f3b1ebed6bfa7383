import Type from 'typebox';

import { history, requiredSince, since, strictSince } from '#kit/http/versioned-schema.ts';

import { integer, name } from '../fields.ts';
import { pagingParameters, textParameter } from '../query.ts';
import type { GroupPolicy } from './store.ts';

const oneOf = (policies: readonly GroupPolicy[]) =>
  Type.Unsafe<GroupPolicy>({ type: 'string', enum: policies });
const hard = ['anti-affinity', 'affinity'] as const;
const all = [...hard, 'soft-anti-affinity', 'soft-affinity'] as const;

const onlyOne = (policies: readonly GroupPolicy[]) =>
  Type.Array(oneOf(policies), { minItems: 1, maxItems: 1, uniqueItems: true });

/**
 * The body of `POST /os-server-groups`: a list of exactly one policy until 2.63, since then the policy itself, with
 * rules.
 */
export const createServerGroupBody = Type.Object(
  {
    server_group: Type.Object(
      {
        name,
        policies: history(
          { until: '2.14', schema: onlyOne(hard), required: true },
          { since: '2.15', until: '2.63', schema: onlyOne(all), required: true },
        ),
        policy: requiredSince('2.64', oneOf(all)),
        rules: since(
          '2.64',
          Type.Object({ max_server_per_host: Type.Optional(integer(1)) }, { additionalProperties: false }),
        ),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** The query of `GET /os-server-groups`. Pages are counted off: there is no marker here. */
export const listServerGroupsQuery = strictSince(
  '2.75',
  Type.Object({
    all_projects: textParameter,
    limit: pagingParameters.limit,
    offset: pagingParameters.limit,
  }),
);
