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

/** The body of `POST /resource_providers`; a parent can be named from 1.14 on. An empty name is refused elsewhere. */
export const createProviderBody = Type.Object(
  { ...fields, uuid: Type.Optional(uuid) },
  { additionalProperties: false },
);

/** The body of `PUT /resource_providers/{uuid}`. The name must be said again also when only the parent changes. */
export const updateProviderBody = Type.Object(fields, { additionalProperties: false });

/**
 * The query of `GET /resource_providers`. A parameter is unknown, and refused, before the microversion that brought
 * it.
 */
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
