import Type, { type Static } from 'typebox';

import { nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const text = Type.String();

export const createCredentialBody = Type.Object({
  credential: Type.Object(
    { blob: text, type: text, user_id: text, project_id: Type.Optional(nullable(text)) },
    { additionalProperties: true },
  ),
});

export const updateCredentialBody = Type.Object({
  credential: Type.Object(
    {
      blob: Type.Optional(text),
      type: Type.Optional(text),
      user_id: Type.Optional(text),
      project_id: Type.Optional(nullable(text)),
    },
    { additionalProperties: true, minProperties: 1 },
  ),
});

export type CredentialFields = Static<typeof updateCredentialBody>['credential'] &
  Readonly<Record<string, unknown>>;

export const listCredentialsQuery = listQuery({
  user_id: Type.Optional(text),
  type: Type.Optional(text),
});
