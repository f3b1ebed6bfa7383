import Type from 'typebox';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { beginOperation, requesterOf } from '../operations/begin.ts';
import { rescueDeviceOf } from '../operations/hardware.ts';
import { uuid } from '../servers/fields.ts';
import { checkBootable, findImage, snapshotImage } from '../servers/image.ts';
import { newPassword } from '../servers/names.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, bareAction, onServer } from './endpoint.ts';
import { rescueSaga, unrescueSaga } from './rescue.saga.ts';

const endpoint = endpointOf<Compute>();

const rescueBody = actionBody(
  'rescue',
  Type.Unsafe<{ adminPass?: string; rescue_image_ref?: string } | null>({
    type: ['object', 'null'],
    properties: { adminPass: Type.String(), rescue_image_ref: uuid },
    additionalProperties: false,
  }),
);

/** Actions that boot a server from elsewhere to mend it, and back. */
export const rescueActions = [
  endpoint({
    ...onServer('rescue'),
    status: 200,
    policy: 'os_compute_api:os-rescue',
    body: rescueBody,
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const asked = call.body.rescue;
      const requester = requesterOf(call);
      checkRule(server, rules.rescue, requester);
      const id = asked?.rescue_image_ref ?? server.imageRef;
      const unsupported = `Requested rescue image '${id}' is not supported`;
      const facts = await findImage(service, id, auth, unsupported);
      checkBootable(facts);
      const { format, size, hash, kernel } = await snapshotImage(service, facts, auth);
      // such an image is only part of what boots
      const partial = kernel || facts.properties.img_block_device_mapping !== undefined;
      if (partial && id !== server.imageRef) throw badRequest(unsupported);
      const device = rescueDeviceOf(facts.properties);
      const image = { id, format, size, hash, ...(device && { device }) };
      const adminPass = asked?.adminPass ?? newPassword();
      await beginOperation(
        requester,
        server,
        rules.rescue,
        rescueSaga,
        { image },
        {
          begun: () => {
            if (server.configDrive) service.adminPasswords.set(server.id, adminPass);
          },
        },
      );
      return { adminPass };
    },
  }),
  endpoint({
    ...onServer('unrescue'),
    policy: 'os_compute_api:os-unrescue',
    body: bareAction('unrescue'),
    handler: (call) => beginOperation(requesterOf(call), call.resource, rules.unrescue, unrescueSaga, {}),
  }),
];
