import Type from 'typebox';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';
import { history, since, until } from '#kit/http/versioned-schema.ts';

import { boolean, description, hostName, isTrue, metadata, name } from '../fields.ts';
import { linksTo } from '../links.ts';
import { beginOperation, requesterOf } from '../operations/begin.ts';
import { showServer } from '../servers/api.ts';
import { findKey } from '../servers/create.ts';
import {
  diskConfig,
  filesOf,
  hostLabel,
  ipv4,
  ipv6,
  nameOrNone,
  personality,
  shortIpv6,
  trustedCertificates,
  userDataOrNone,
  uuid,
} from '../servers/fields.ts';
import { findServer, type ServerCall, targetOf } from '../servers/find.ts';
import {
  autoDiskConfigOf,
  checkBootable,
  checkFlavorImage,
  findImage,
  snapshotImage,
} from '../servers/image.ts';
import { newPassword } from '../servers/names.ts';
import { checkFileQuota, checkMetadataQuota } from '../servers/quota.ts';
import type { Server } from '../servers/server.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, onServer } from './endpoint.ts';
import { rebuildSaga } from './rebuild.saga.ts';

const endpoint = endpointOf<Compute>();

const rebuildBody = actionBody(
  'rebuild',
  Type.Object(
    {
      imageRef: uuid,
      name: Type.Optional(name),
      adminPass: Type.Optional(Type.String()),
      metadata: Type.Optional(metadata),
      preserve_ephemeral: Type.Optional(boolean),
      'OS-DCF:diskConfig': Type.Optional(diskConfig),
      accessIPv4: Type.Optional(ipv4),
      accessIPv6: Type.Optional(ipv6),
      personality: until('2.56', personality),
      description: since('2.19', description()),
      key_name: since('2.54', nameOrNone),
      user_data: since('2.57', userDataOrNone),
      trusted_image_certificates: since('2.63', trustedCertificates),
      hostname: history(
        { since: '2.90', until: '2.93', schema: hostLabel },
        { since: '2.94', schema: hostName },
      ),
    },
    { additionalProperties: false },
  ),
);
type Rebuild = Type.Static<typeof rebuildBody>['rebuild'];

/** The action that gives a server fresh disks from an image. */
export const rebuildActions = [
  endpoint({
    ...onServer('rebuild'),
    policy: 'os_compute_api:servers:rebuild',
    body: rebuildBody,
    handler: async (call) => {
      const { service, resource: server } = call;
      const asked = call.body.rebuild;
      const requester = requesterOf(call);
      if (asked.trusted_image_certificates !== undefined)
        call.enforce('os_compute_api:servers:rebuild:trusted_certs', targetOf(server));
      checkRule(server, rules.rebuild, requester);
      const changes = await changesOf(call, server, asked);
      const adminPass = asked.adminPass ?? newPassword();
      const { image, imageRef, systemMetadata } = server;
      const input = { stopped: server.vmState === 'stopped', before: { image, imageRef, systemMetadata } };
      await beginOperation(requester, server, rules.rebuild, rebuildSaga, input, {
        changes,
        begun: () => {
          if (server.configDrive) service.adminPasswords.set(server.id, adminPass);
        },
      });
      const view = await showServer(call, await findServer(call, server.id), 'rebuild');
      return reply(
        {
          server: {
            ...view,
            adminPass,
            ...(call.atLeast('2.57') && { user_data: changes.userData ?? server.userData }),
          },
        },
        { headers: { location: linksTo(call.request, 'servers', server.id)[0]!.href } },
      );
    },
  }),
];

/** What the rebuild changes of the server at once. Throws what Nova answers. */
async function changesOf(call: ServerCall, server: Server, asked: Rebuild): Promise<Partial<Server>> {
  const { service, auth } = call;
  if (asked.preserve_ephemeral !== undefined && isTrue(asked.preserve_ephemeral))
    throw badRequest('The current driver does not support preserving ephemeral partitions.');
  const key = await findKey(call, asked.key_name);
  const facts = await findImage(service, asked.imageRef, auth, 'Cannot find image for rebuild');
  const autoDiskConfig = autoDiskConfigOf(asked['OS-DCF:diskConfig'], facts);
  const limits = await service.quotas.limitsOf(server.projectId, server.userId);
  const files = filesOf(asked.personality);
  checkMetadataQuota(limits, asked.metadata ?? {});
  checkFileQuota(limits, files);
  checkBootable(facts);
  checkFlavorImage(server.flavor, facts, () => call.allows('os_compute_api:servers:create:zero_disk_flavor'));
  return {
    image: await snapshotImage(service, facts, auth),
    imageRef: asked.imageRef,
    systemMetadata: { ...server.systemMetadata, image_base_image_ref: asked.imageRef },
    autoDiskConfig,
    progress: 0,
    fault: null,
    ...(files.length > 0 && { injectedFiles: files }),
    ...(asked.key_name !== undefined && {
      keyName: key?.name ?? null,
      keyData: key?.publicKey ?? null,
    }),
    ...given({
      name: asked.name,
      description: asked.description,
      metadata: asked.metadata,
      accessIpV4: asked.accessIPv4,
      accessIpV6: asked.accessIPv6 === undefined ? undefined : shortIpv6(asked.accessIPv6),
      hostname: asked.hostname,
      userData: asked.user_data,
      trustedCerts: asked.trusted_image_certificates,
    }),
  };
}

/** The fields that were given; null is given too. */
const given = (fields: { [K in keyof Server]?: Server[K] | undefined }): Partial<Server> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
