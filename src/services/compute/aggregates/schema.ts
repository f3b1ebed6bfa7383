import Type from 'typebox';

import { availabilityZoneName, hostName, metadataOf, name, nameInSpace } from '../fields.ts';

const zone = Type.Optional(Type.Union([availabilityZoneName, Type.Null()]));
const strict = { additionalProperties: false };

/**
 * The body of `POST /os-aggregates`. A zone of null is none; a zone's name holds no colon, which would part zone and
 * host.
 */
export const createAggregateBody = Type.Object(
  { aggregate: Type.Object({ name, availability_zone: zone }, strict) },
  strict,
);

/**
 * The body of `PUT /os-aggregates/{id}`, which says at least one of the two. Space around the name does not belong to
 * it.
 */
export const updateAggregateBody = Type.Object(
  {
    aggregate: Type.Object(
      { name: Type.Optional(nameInSpace), availability_zone: zone },
      { ...strict, anyOf: [{ required: ['name'] }, { required: ['availability_zone'] }] },
    ),
  },
  strict,
);

/**
 * The body of `POST /os-aggregates/{id}/images` (2.81 on). An image named twice is refused in the handler, as in Nova.
 */
export const cacheImagesBody = Type.Object(
  { cache: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }, strict), { minItems: 1 }) },
  strict,
);

const host = Type.Object({ host: hostName }, strict);

/** The body of the action `add_host`; that the host exists, and may join, is looked at later. */
export const addHostBody = Type.Object({ add_host: host }, strict);

/** The body of the action `remove_host`. A host whose service was deleted is in no aggregate any more. */
export const removeHostBody = Type.Object({ remove_host: host }, strict);

/** The body of the action `set_metadata`: null removes an item, items left out stay. */
export const setMetadataBody = Type.Object(
  {
    set_metadata: Type.Object(
      { metadata: metadataOf(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 255 })) },
      strict,
    ),
  },
  strict,
);
