import Type, { type Static } from 'typebox';

import { idReference, longDescription, nameOf } from '../fields.ts';
import { listQuery, sortDirection } from '../listing.ts';

const optional = {
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(idReference),
};

export const createGroupBody = Type.Object(
  { group: Type.Object({ name: nameOf(64), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

export const updateGroupBody = Type.Object(
  {
    group: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export type GroupFields = Static<typeof updateGroupBody>['group'] & Readonly<Record<string, unknown>>;

export const listGroupsQuery = listQuery({
  domain_id: Type.Optional(idReference),
  name: Type.Optional(nameOf(255)),
  sort_dir: sortDirection,
});

const text = Type.Optional(Type.String());

export const listGroupUsersQuery = listQuery({
  domain_id: text,
  enabled: text,
  name: text,
  password_expires_at: text,
});
