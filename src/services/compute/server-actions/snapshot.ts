import Type from 'typebox';

import { forbidden } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { integer, metadata, name } from '../fields.ts';
import { apiRoot } from '../links.ts';
import { beginOperation, requesterOf } from '../operations/begin.ts';
import type { ServerCall } from '../servers/find.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, onServer } from './endpoint.ts';
import { newSnapshot, withImage } from './snapshot-image.ts';
import { backupSaga, snapshotSaga } from './snapshot.saga.ts';

const endpoint = endpointOf<Compute>();

const strict = { additionalProperties: false };
const imageBody = actionBody('createImage', Type.Object({ name, metadata: Type.Optional(metadata) }, strict));
const backupBody = actionBody(
  'createBackup',
  Type.Object(
    { name, backup_type: Type.String(), rotation: integer(0), metadata: Type.Optional(metadata) },
    strict,
  ),
);

/** Actions that make images of servers. */
export const snapshotActions = [
  endpoint({
    ...onServer('createImage'),
    policy: 'os_compute_api:servers:create_image',
    body: imageBody,
    handler: async (call) => {
      const { resource: server, auth } = call;
      const { name: imageName, metadata: more = {} } = call.body.createImage;
      const requester = requesterOf(call);
      await checkImageMetadata(call, more);
      checkRule(server, rules.createImage, requester);
      const snapshot = newSnapshot(server, imageName, 'snapshot', auth, more);
      await withImage(call.service, snapshot, () =>
        beginOperation(requester, server, rules.createImage, snapshotSaga, { image: snapshot }),
      );
      return answerImage(call, snapshot.id);
    },
  }),
  endpoint({
    ...onServer('createBackup'),
    policy: 'os_compute_api:os-create-backup',
    body: backupBody,
    handler: async (call) => {
      const { resource: server, auth } = call;
      const asked = call.body.createBackup;
      const requester = requesterOf(call);
      await checkImageMetadata(call, asked.metadata ?? {});
      checkRule(server, rules.createBackup, requester);
      const properties = { ...asked.metadata, backup_type: asked.backup_type };
      const snapshot = newSnapshot(server, asked.name, 'backup', auth, properties);
      const rotation = Number(asked.rotation);
      const input = { image: snapshot, backupType: asked.backup_type, rotation };
      await withImage(call.service, snapshot, () =>
        beginOperation(requester, server, rules.createBackup, backupSaga, input),
      );
      // without rotation the image goes as soon as it has come
      return rotation === 0 && !call.atLeast('2.45') ? undefined : answerImage(call, snapshot.id);
    },
  }),
];

function answerImage(call: ServerCall, id: string) {
  if (call.atLeast('2.45')) return { image_id: id };
  return reply(undefined, { headers: { location: `${apiRoot(call.request)}/images/${id}` } });
}

/** Until 2.38 an image made of a server could have no more metadata than a server. Throws `forbidden`. */
async function checkImageMetadata(call: ServerCall, more: Readonly<Record<string, string>>): Promise<void> {
  if (call.atLeast('2.39')) return;
  const { projectId, userId } = call.auth;
  const { metadata_items: most } = await call.service.quotas.limitsOf(projectId!, userId);
  if (most >= 0 && Object.keys(more).length > most) throw forbidden('Image metadata limit exceeded');
}
