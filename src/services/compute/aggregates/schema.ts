import Type from 'typebox';

import { availabilityZoneName, hostName, metadataOf, name, nameInSpace } from '../fields.ts';

const zone = Type.Optional(Type.Union([availabilityZoneName, Type.Null()]));
const strict = { additionalProperties: false };

export const createAggregateBody = Type.Object(
  { aggregate: Type.Object({ name, availability_zone: zone }, strict) },
  strict,
);

export const updateAggregateBody = Type.Object(
  {
    aggregate: Type.Object(
      { name: Type.Optional(nameInSpace), availability_zone: zone },
      { ...strict, anyOf: [{ required: ['name'] }, { required: ['availability_zone'] }] },
    ),
  },
  strict,
);

export const cacheImagesBody = Type.Object(
  { cache: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }, strict), { minItems: 1 }) },
  strict,
);

const host = Type.Object({ host: hostName }, strict);
export const addHostBody = Type.Object({ add_host: host }, strict);
export const removeHostBody = Type.Object({ remove_host: host }, strict);

export const setMetadataBody = Type.Object(
  {
    set_metadata: Type.Object(
      { metadata: metadataOf(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 255 })) },
      strict,
    ),
  },
  strict,
);
