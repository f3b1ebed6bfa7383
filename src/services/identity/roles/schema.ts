import Type, { type Static } from 'typebox';

import { idReference, immutableOption, longDescription, nameOf, nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const optional = {
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(nullable(idReference)),
  options: Type.Optional(immutableOption),
};

export const createRoleBody = Type.Object(
  { role: Type.Object({ name: nameOf(255), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

export const updateRoleBody = Type.Object(
  {
    role: Type.Object(
      { name: Type.Optional(nameOf(255)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export type RoleFields = Static<typeof updateRoleBody>['role'] & Readonly<Record<string, unknown>>;

export const listRolesQuery = listQuery({
  name: Type.Optional(nameOf(255)),
  domain_id: Type.Optional(idReference),
});
