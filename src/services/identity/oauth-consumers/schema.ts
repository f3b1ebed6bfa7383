import Type, { type Static } from 'typebox';

import { description, nullable } from '../fields.ts';

const fields = { description: Type.Optional(nullable(description)) };

/** keystone/oauth1/schema.py. A body without a consumer makes one all the same. */
export const createConsumerBody = Type.Object({
  consumer: Type.Optional(Type.Object(fields, { additionalProperties: true })),
});

/** `PATCH /v3/OS-OAUTH1/consumers/{consumer_id}`: at least one attribute, and never the secret. */
export const updateConsumerBody = Type.Object({
  consumer: Type.Object(fields, {
    additionalProperties: true,
    minProperties: 1,
    not: { required: ['secret'] },
  }),
});

/** What a body says of a consumer. One that makes a consumer may hold a `secret`; it is ignored. */
export type ConsumerFields = Static<typeof updateConsumerBody>['consumer'] &
  Readonly<Record<string, unknown>>;
