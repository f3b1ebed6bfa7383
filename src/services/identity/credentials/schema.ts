import Type, { type Static } from 'typebox';

import { nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const text = Type.String();

/**
 * `POST /v3/credentials` (keystone/credential/schema.py). A blob is any text, unless the type is {@link ec2};
 * attributes of any other name are kept.
 */
export const createCredentialBody = Type.Object({
  credential: Type.Object(
    { blob: text, type: text, user_id: text, project_id: Type.Optional(nullable(text)) },
    { additionalProperties: true },
  ),
});

/** `PATCH /v3/credentials/{credential_id}`: at least one attribute. */
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

/**
 * What a body says of a credential; after {@link createCredentialBody} `blob`, `type` and `user_id` are always there.
 */
export type CredentialFields = Static<typeof updateCredentialBody>['credential'] &
  Readonly<Record<string, unknown>>;

/** `GET /v3/credentials`: by exact owner and type. */
export const listCredentialsQuery = listQuery({
  user_id: Type.Optional(text),
  type: Type.Optional(text),
});
