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

export type ApplicationCredentialFields = Static<
  typeof createApplicationCredentialBody
>['application_credential'];
export type AccessRuleFields = Static<typeof accessRule>;
export type RoleReference = Static<typeof role>;

export const listApplicationCredentialsQuery = listQuery({ name: Type.Optional(Type.String()) });
