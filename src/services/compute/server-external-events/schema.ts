import Type from 'typebox';

import { history } from '#kit/http/versioned-schema.ts';

const strict = { additionalProperties: false };

const ofNetwork = [
  'network-changed',
  'network-vif-plugged',
  'network-vif-unplugged',
  'network-vif-deleted',
] as const;
const ofVolumes = [...ofNetwork, 'volume-extended'] as const;
const ofPower = [...ofVolumes, 'power-update'] as const;
const ofAccelerators = [...ofPower, 'accelerator-request-bound'] as const;
const ofImages = [...ofAccelerators, 'volume-reimaged'] as const;

/**
 * What other services tell of, as named by nova/objects/external_event.py. Each microversion that changed the call
 * added one.
 */
export type EventName = (typeof ofImages)[number];

const oneOf = (names: readonly EventName[]) => Type.Unsafe<EventName>({ type: 'string', enum: [...names] });

const status = Type.Unsafe<'failed' | 'completed' | 'in-progress'>({
  type: 'string',
  enum: ['failed', 'completed', 'in-progress'],
});

/** The body of `POST /os-server-external-events`. Which names need a tag is looked at for each event by itself. */
export const createEventsBody = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        {
          name: history(
            { until: '2.50', schema: oneOf(ofNetwork), required: true },
            { since: '2.51', until: '2.75', schema: oneOf(ofVolumes), required: true },
            { since: '2.76', until: '2.81', schema: oneOf(ofPower), required: true },
            { since: '2.82', until: '2.92', schema: oneOf(ofAccelerators), required: true },
            { since: '2.93', schema: oneOf(ofImages), required: true },
          ),
          server_uuid: Type.String({ format: 'uuid' }),
          status: Type.Optional(status),
          tag: Type.Optional(Type.String({ maxLength: 255 })),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
);
