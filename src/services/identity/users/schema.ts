import Type, { type Static } from 'typebox';

import { idReference, longDescription, nameOf, nullable, truthFilter } from '../fields.ts';
import { listQuery, sortDirection } from '../listing.ts';

const flag = Type.Optional(nullable(Type.Boolean()));

const options = Type.Object(
  {
    ignore_change_password_upon_first_use: flag,
    ignore_password_expiry: flag,
    ignore_lockout_failure_attempts: flag,
    ignore_user_inactivity: flag,
    lock_password: flag,
    multi_factor_auth_enabled: flag,
    multi_factor_auth_rules: Type.Optional(
      nullable(
        Type.Array(Type.Array(Type.String(), { minItems: 1, uniqueItems: true }), { uniqueItems: true }),
      ),
    ),
  },
  { additionalProperties: false },
);

const federated = Type.Array(
  Type.Object({
    idp_id: Type.String(),
    protocols: Type.Array(Type.Object({ protocol_id: Type.String(), unique_id: Type.String() }), {
      minItems: 1,
    }),
  }),
);

const optional = {
  default_project_id: Type.Optional(nullable(Type.String())),
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(idReference),
  enabled: Type.Optional(Type.Boolean()),
  federated: Type.Optional(federated),
  options: Type.Optional(options),
  password: Type.Optional(nullable(Type.String())),
};

/**
 * `POST /v3/users` (keystone/identity/schema.py). Attributes of any other name are kept, among them `description` and
 * `email`.
 */
export const createUserBody = Type.Object(
  { user: Type.Object({ name: nameOf(255), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

/**
 * `PATCH /v3/users/{user_id}`: at least one attribute. A `password` of null takes it away; a domain may be named, but
 * not changed.
 */
export const updateUserBody = Type.Object(
  {
    user: Type.Object(
      { name: Type.Optional(nameOf(255)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a user; after {@link createUserBody} `name` is always there. */
export type UserFields = Static<typeof updateUserBody>['user'] & Readonly<Record<string, unknown>>;

/**
 * `POST /v3/users/{user_id}/password`, which asks for no token: the old password says who calls. Keystone checks only what
 * is said of the user.
 */
export const changePasswordBody = Type.Object({
  user: Type.Object(
    { original_password: Type.String(), password: Type.String() },
    { additionalProperties: false },
  ),
});

const text = Type.Optional(Type.String());

/** `GET /v3/users`; also takes comparators on the name. `sort_dir` is checked and ignored. */
export const listUsersQuery = listQuery({
  domain_id: Type.Optional(idReference),
  enabled: truthFilter,
  name: Type.Optional(nameOf(255)),
  password_expires_at: text,
  idp_id: text,
  protocol_id: text,
  unique_id: text,
  sort_dir: sortDirection,
});

/** `GET /v3/users/{user_id}/groups`. Loose: Keystone has no schema for it. */
export const listUserGroupsQuery = listQuery({ name: text });

/** `GET /v3/users/{user_id}/projects`. Loose: Keystone has no schema for it. */
export const listUserProjectsQuery = listQuery({ domain_id: text, enabled: text, name: text });
