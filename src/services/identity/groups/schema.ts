import Type, { type Static } from 'typebox';

import { idReference, longDescription, nameOf } from '../fields.ts';
import { listQuery, sortDirection } from '../listing.ts';

const optional = {
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(idReference),
};

/** `POST /v3/groups` (keystone/identity/schema.py). Attributes of any other name are kept. */
export const createGroupBody = Type.Object(
  { group: Type.Object({ name: nameOf(64), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

/** `PATCH /v3/groups/{group_id}`: at least one attribute. A domain may be named, but not changed. */
export const updateGroupBody = Type.Object(
  {
    group: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a group; after {@link createGroupBody} `name` is always there. */
export type GroupFields = Static<typeof updateGroupBody>['group'] & Readonly<Record<string, unknown>>;

/** `GET /v3/groups`; also takes comparators on the name. */
export const listGroupsQuery = listQuery({
  domain_id: Type.Optional(idReference),
  name: Type.Optional(nameOf(255)),
  sort_dir: sortDirection,
});

const text = Type.Optional(Type.String());

/** `GET /v3/groups/{group_id}/users`. Loose: Keystone has no schema for it. */
export const listGroupUsersQuery = listQuery({
  domain_id: text,
  enabled: text,
  name: text,
  password_expires_at: text,
});
