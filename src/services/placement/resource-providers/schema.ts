import Type from 'typebox';

import { since } from '#kit/http/versioned-schema.ts';

import { uuid } from '../fields.ts';

const fields = {
  name: Type.String({ maxLength: 200 }),
  parent_provider_uuid: since(
    '1.14',
    Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  ),
};

export const createProviderBody = Type.Object(
  { ...fields, uuid: Type.Optional(uuid) },
  { additionalProperties: false },
);

export const updateProviderBody = Type.Object(fields, { additionalProperties: false });

export const listProvidersQuery = Type.Object(
  {
    name: Type.Optional(Type.String()),
    uuid: Type.Optional(uuid),
    // lists: from 1.24 and 1.39 on they may be repeated
    member_of: since('1.3', Type.Array(Type.String())),
    resources: since('1.4', Type.String()),
    in_tree: since('1.14', uuid),
    required: since('1.18', Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
