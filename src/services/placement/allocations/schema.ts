import Type from 'typebox';

import { history, requiredSince, since } from '#kit/http/versioned-schema.ts';

import { keyedBy, namePattern, resourceAmounts, uuid, uuidKey } from '../fields.ts';

const closed = { additionalProperties: false };
const externalId = Type.String({ minLength: 1, maxLength: 255 });

/** Allocations as a list, up to microversion 1.11. */
const allocationList = Type.Array(
  Type.Object({ resource_provider: Type.Object({ uuid }, closed), resources: resourceAmounts }, closed),
  { minItems: 1 },
);

/** Allocations by provider; the generation may be there since answers show it, but does not count. */
const allocationsByProvider = (options: { minProperties?: number }) =>
  keyedBy<{ generation?: number; resources: Record<string, number> }>(
    uuidKey,
    Type.Object({ generation: Type.Optional(Type.Integer()), resources: resourceAmounts }, closed),
    options,
  );

const consumerFields = {
  consumer_generation: requiredSince('1.28', Type.Unsafe<number | null>({ type: ['integer', 'null'] })),
  // taken since candidates show it, and otherwise ignored
  mappings: since(
    '1.34',
    keyedBy<string[]>('[a-zA-Z0-9_-]{1,64}', Type.Array(uuid, { minItems: 1 }), {
      minProperties: 1,
      open: true,
    }),
  ),
  consumer_type: requiredSince('1.38', Type.String({ pattern: namePattern, minLength: 1, maxLength: 255 })),
};

/**
 * The body of `PUT /allocations/{consumer_uuid}`. From 1.28 on allocations may be empty, which frees everything: since
 * then the body tells which generation of the consumer it knows.
 */
export const putAllocationsBody = Type.Object(
  {
    allocations: history(
      { until: '1.11', schema: allocationList, required: true },
      { since: '1.12', until: '1.27', schema: allocationsByProvider({ minProperties: 1 }), required: true },
      { since: '1.28', schema: allocationsByProvider({}), required: true },
    ),
    project_id: requiredSince('1.8', externalId),
    user_id: requiredSince('1.8', externalId),
    ...consumerFields,
  },
  closed,
);

const consumerAllocations = Type.Object(
  {
    allocations: allocationsByProvider({}),
    project_id: externalId,
    user_id: externalId,
    ...consumerFields,
  },
  closed,
);

/** What one consumer is to hold, in requests for several. */
export type ConsumerAllocations = Type.Static<typeof consumerAllocations>;

/** Allocations by consumer. */
export const allocationsByConsumer = (options: { minProperties?: number }) =>
  keyedBy<ConsumerAllocations>(uuidKey, consumerAllocations, options);

/**
 * The body of `POST /allocations` (1.13 on): by consumer what it is to hold instead of what it holds, all of it or
 * nothing.
 */
export const postAllocationsBody = allocationsByConsumer({ minProperties: 1 });
