import Type from 'typebox';

import { history, strictSince } from '#kit/http/versioned-schema.ts';

import { moment } from '../fields.ts';
import { textParameter } from '../query.ts';

const single = <S extends Type.TSchema>(schema: S) => Type.Array(schema, { maxItems: 1 });
const time = single(moment);
const limit = single(Type.String({ pattern: '^[0-9]*$', minLength: 1 }));
const text = single(Type.String());
const any = Type.Unknown();

/** Paging came with 2.59, which refuses what it does not know. */
export const listMigrationsQuery = strictSince(
  '2.59',
  Type.Object({
    hidden: textParameter,
    host: textParameter,
    instance_uuid: textParameter,
    source_compute: textParameter,
    status: textParameter,
    migration_type: textParameter,
    limit: history({ until: '2.58', schema: any }, { since: '2.59', schema: limit }),
    marker: history({ until: '2.58', schema: any }, { since: '2.59', schema: text }),
    'changes-since': history({ until: '2.58', schema: any }, { since: '2.59', schema: time }),
    'changes-before': history({ until: '2.58', schema: any }, { since: '2.66', schema: time }),
    user_id: history({ until: '2.58', schema: any }, { since: '2.80', schema: text }),
    project_id: history({ until: '2.58', schema: any }, { since: '2.80', schema: text }),
  }),
);
