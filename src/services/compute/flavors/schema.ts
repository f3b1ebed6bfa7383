import Type from 'typebox';

import { history, since, strictSince, until } from '#kit/http/versioned-schema.ts';

import { boolean, description, integer, maxInteger, name } from '../fields.ts';
import { pagingParameters, parameter, textParameter } from '../query.ts';

// 64 KB: what the column holds in Nova
const flavorDescription = description(65_535);

const rxtxFactor = Type.Unsafe<number | string>({
  type: ['number', 'string'],
  pattern: '^[0-9]+(\\.[0-9]+)?$',
  exclusiveMinimum: 0,
  maximum: 3.40282e38,
});

/**
 * The body of `POST /flavors`. Sizes may be written as text. Without an id, or with null, the flavor is given a UUID.
 */
export const createFlavorBody = Type.Object(
  {
    flavor: Type.Object(
      {
        name,
        id: Type.Optional(
          Type.Unsafe<string | number | null>({
            type: ['string', 'number', 'null'],
            minLength: 1,
            maxLength: 255,
            pattern: '^(?! )[a-zA-Z0-9. _-]+(?<! )$',
          }),
        ),
        ram: integer(1, maxInteger),
        vcpus: integer(1, maxInteger),
        disk: integer(0, maxInteger),
        'OS-FLV-EXT-DATA:ephemeral': Type.Optional(integer(0, maxInteger)),
        swap: Type.Optional(integer(0, maxInteger)),
        rxtx_factor: until('2.101', rxtxFactor),
        'os-flavor-access:is_public': Type.Optional(boolean),
        description: since('2.55', flavorDescription),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** The body of `PUT /flavors/{flavor_id}` (2.55 on): nothing but the description ever changes. */
export const updateFlavorBody = Type.Object(
  { flavor: Type.Object({ description: flavorDescription }, { additionalProperties: false }) },
  { additionalProperties: false },
);

const sortKeys = [
  'created_at',
  'description',
  'disabled',
  'ephemeral_gb',
  'flavorid',
  'id',
  'is_public',
  'memory_mb',
  'name',
  'root_gb',
  'swap',
  'updated_at',
  'vcpu_weight',
  'vcpus',
];
const oneOf = (words: string[]) => Type.Array(Type.Unsafe<string>({ type: 'string', enum: words }));

/**
 * The query of `GET /flavors` and `GET /flavors/detail`. Filters are any text here: the wrong ones are refused where
 * they are read, in Nova's words. Unknown parameters are refused since 2.75, `name` is one of them until 2.101.
 */
export const listFlavorsQuery = strictSince(
  '2.75',
  Type.Object({
    ...pagingParameters,
    is_public: textParameter,
    minRam: textParameter,
    minDisk: textParameter,
    sort_key: history(
      { until: '2.101', schema: oneOf([...sortKeys, 'rxtx_factor'].toSorted()) },
      { since: '2.102', schema: oneOf(sortKeys) },
    ),
    sort_dir: parameter(Type.Unsafe<string>({ type: 'string', enum: ['asc', 'desc'] })),
    name: since('2.102', Type.Array(Type.String())),
  }),
);
