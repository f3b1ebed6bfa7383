import Type, { type Static } from 'typebox';

import { description, nullable } from '../fields.ts';

const fields = { description: Type.Optional(nullable(description)) };

/** keystone/oauth1/schema.py. A body without a consumer makes one all the same. */
export const createConsumerBody = Type.Object({
  consumer: Type.Optional(Type.Object(fields, { additionalProperties: true })),
});

export const updateConsumerBody = Type.Object({
  consumer: Type.Object(fields, {
    additionalProperties: true,
    minProperties: 1,
    not: { required: ['secret'] },
  }),
});

export type ConsumerFields = Static<typeof updateConsumerBody>['consumer'] &
  Readonly<Record<string, unknown>>;
