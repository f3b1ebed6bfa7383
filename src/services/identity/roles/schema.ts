import Type, { type Static } from 'typebox';

import { idReference, immutableOption, longDescription, nameOf, nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const optional = {
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(nullable(idReference)),
  options: Type.Optional(immutableOption),
};

/** `POST /v3/roles` (keystone/assignment/schema.py). With `domain_id` it makes a domain's own role. */
export const createRoleBody = Type.Object(
  { role: Type.Object({ name: nameOf(255), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

/** `PATCH /v3/roles/{role_id}`: at least one attribute. A domain may be named, but not changed. */
export const updateRoleBody = Type.Object(
  {
    role: Type.Object(
      { name: Type.Optional(nameOf(255)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a role; after {@link createRoleBody} `name` is always there. */
export type RoleFields = Static<typeof updateRoleBody>['role'] & Readonly<Record<string, unknown>>;

/** `GET /v3/roles`: without `domain_id` only global roles are listed. Also takes comparators on the name. */
export const listRolesQuery = listQuery({
  name: Type.Optional(nameOf(255)),
  domain_id: Type.Optional(idReference),
});
