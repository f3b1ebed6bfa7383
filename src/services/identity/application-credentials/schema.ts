import Type, { type Static } from 'typebox';

import { idReference, longDescription, nameOf, nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const accessRule = Type.Object({
  id: Type.Optional(idReference),
  path: Type.Optional(Type.String({ maxLength: 225, pattern: '^/' })),
  service: Type.Optional(idReference),
  method: Type.Optional(Type.Enum(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'])),
});

const role = Type.Object(
  { id: Type.Optional(idReference), name: Type.Optional(nameOf(255)) },
  { minProperties: 1, maxProperties: 1, additionalProperties: false },
);

/**
 * `POST /v3/users/{user_id}/application_credentials` (keystone/application_credential/schema.py). `id`, `project_id`
 * and `system` are taken and ignored: the caller's token says for which project it is.
 */
export const createApplicationCredentialBody = Type.Object(
  {
    application_credential: Type.Object(
      {
        id: Type.Optional(Type.String()),
        name: nameOf(255),
        secret: Type.Optional(nullable(Type.String())),
        description: Type.Optional(longDescription),
        expires_at: Type.Optional(nullable(Type.String())),
        project_id: Type.Optional(Type.String()),
        roles: Type.Optional(Type.Array(role)),
        access_rules: Type.Optional(Type.Array(accessRule)),
        unrestricted: Type.Optional(nullable(Type.Boolean())),
        system: Type.Optional(nullable(Type.String())),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** What a new application credential is asked to be; without `roles` it gets all that the token has. */
export type ApplicationCredentialFields = Static<
  typeof createApplicationCredentialBody
>['application_credential'];

/** A rule in a new application credential: the `id` of one the user has, or service, path and method in full. */
export type AccessRuleFields = Static<typeof accessRule>;

/** A role by its id or by its name, never both. */
export type RoleReference = Static<typeof role>;

/** `GET /v3/users/{user_id}/application_credentials`: by exact name. */
export const listApplicationCredentialsQuery = listQuery({ name: Type.Optional(Type.String()) });
