import Type from 'typebox';

import { uuid } from '../fields.ts';

/** Up to microversion 1.18 the bare list. */
export const aggregateListBody = Type.Array(uuid, { uniqueItems: true });

/** From 1.19 on with the provider's generation. */
export const setAggregatesBody = Type.Object(
  { aggregates: aggregateListBody, resource_provider_generation: Type.Integer() },
  { additionalProperties: false },
);
