import Type from 'typebox';

import { history, strictSince } from '#kit/http/versioned-schema.ts';

import { moment } from '../fields.ts';

const single = <S extends Type.TSchema>(schema: S) => Type.Array(schema, { maxItems: 1 });
const time = single(moment);
const limit = single(Type.String({ pattern: '^[0-9]*$', minLength: 1 }));
const any = Type.Unknown();

/** Until 2.57 a list took no parameters and ignored all; since then it takes these and no others. */
export const listActionsQuery = strictSince(
  '2.58',
  Type.Object({
    limit: history({ until: '2.57', schema: any }, { since: '2.58', schema: limit }),
    marker: history({ until: '2.57', schema: any }, { since: '2.58', schema: single(Type.String()) }),
    'changes-since': history({ until: '2.57', schema: any }, { since: '2.58', schema: time }),
    'changes-before': history({ until: '2.57', schema: any }, { since: '2.66', schema: time }),
  }),
);
