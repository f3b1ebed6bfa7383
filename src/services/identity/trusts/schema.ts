import Type, { type Static } from 'typebox';

import { idReference, nameOf, nullable } from '../fields.ts';

const role = Type.Object(
  { id: Type.Optional(idReference), name: Type.Optional(nameOf(255)) },
  { minProperties: 1, maxProperties: 1, additionalProperties: false },
);

/**
 * `POST /v3/OS-TRUST/trusts` (keystone/trust/schema.py). Attributes of any other name are kept; trusts are never
 * changed.
 */
export const createTrustBody = Type.Object(
  {
    trust: Type.Object(
      {
        trustor_user_id: Type.String(),
        trustee_user_id: Type.String(),
        impersonation: Type.Boolean(),
        project_id: Type.Optional(nullable(Type.String())),
        remaining_uses: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 0x7f_ff_ff_ff }))),
        expires_at: Type.Optional(nullable(Type.String())),
        allow_redelegation: Type.Optional(nullable(Type.Boolean())),
        redelegation_count: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
        roles: Type.Optional(Type.Array(role)),
      },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: false },
);

/** What a new trust is asked to be. */
export type TrustFields = Static<typeof createTrustBody>['trust'] & Readonly<Record<string, unknown>>;

/** `GET /v3/OS-TRUST/trusts`. Of both filters only the trustor's counts, as in Keystone; there is no paging. */
export const listTrustsQuery = Type.Object({
  trustor_user_id: Type.Optional(Type.String()),
  trustee_user_id: Type.Optional(Type.String()),
});
