import Type from 'typebox';

import { history, since, strictSince } from '#kit/http/versioned-schema.ts';

import { name } from '../fields.ts';
import { pagingParameters, textParameter } from '../query.ts';

const nameOf = (characters: string) =>
  Type.Unsafe<string>({ type: 'string', allOf: [name, { pattern: `^[${characters}]+$` }] });

const publicKey = Type.String();

/** The body of `POST /os-keypairs`. Without a public key one is made, until 2.91; `user_id` is for administrators. */
export const createKeypairBody = Type.Object(
  {
    keypair: Type.Object(
      {
        name: history(
          { until: '2.91', schema: nameOf('_\\- a-zA-Z0-9'), required: true },
          { since: '2.92', schema: nameOf('_\\-@. a-zA-Z0-9'), required: true },
        ),
        public_key: history(
          { until: '2.91', schema: publicKey },
          { since: '2.92', schema: publicKey, required: true },
        ),
        type: since('2.2', Type.Unsafe<'ssh' | 'x509'>({ type: 'string', enum: ['ssh', 'x509'] })),
        user_id: since('2.10', Type.String()),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

const ofUser = { user_id: since('2.10', Type.Array(Type.String())) };

/** The query of showing and deleting a key pair: since 2.10 administrators may name its user. */
export const keypairQuery = strictSince('2.75', Type.Object(ofUser));

/** The query of `GET /os-keypairs`, in pages since 2.35. The marker is a name. */
export const listKeypairsQuery = strictSince(
  '2.75',
  Type.Object({
    ...ofUser,
    limit: since('2.35', pagingParameters.limit),
    marker: since('2.35', textParameter),
  }),
);
