import type { Transaction } from 'kysely';

import type { AnyTransaction } from '#kit/db/database.ts';
import { badRequest, conflict, forbidden, isKind } from '#kit/errors/cloud-error.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { isTrue } from '../fields.ts';
import { mayUse } from '../flavors/list.ts';
import type { Flavor } from '../flavors/store.ts';
import { recordAction, requesterOf, subjectOf } from '../operations/begin.ts';
import { groupOf } from '../scheduler/hints.ts';
import type { ServerGroup } from '../server-groups/store.ts';
import type { Compute } from '../service.ts';
import { planBlockDevices } from './block-devices.ts';
import { createSaga } from './create.saga.ts';
import { filesOf, shortIpv6 } from './fields.ts';
import { isAdmin, type ServerCall } from './find.ts';
import { autoDiskConfigOf, checkBootable, checkFlavorImage, findImage, snapshotImage } from './image.ts';
import { hostnameFrom, newReservationId } from './names.ts';
import { planInterfaces } from './networks.ts';
import { readWish, type Wish } from './placing.ts';
import { checkFileQuota, checkMetadataQuota, roomForServers } from './quota.ts';
import type { CreateServer } from './schema.ts';
import { type FlavorSnapshot, powerStates, type Server } from './server.ts';

/** Everything that is alike in the servers of one request. */
interface Plan {
  readonly template: Omit<Server, 'id' | 'number' | 'name' | 'hostname' | 'launchIndex' | 'operation'>;
  readonly name: string;
  readonly hostname: string | undefined;
  readonly wish: Wish;
  readonly group: ServerGroup | undefined;
  readonly interfaces: Awaited<ReturnType<typeof planInterfaces>>;
  readonly securityGroups: readonly string[];
  readonly count: { readonly least: number; readonly most: number };
}

/**
 * Checks a request for servers in Nova's order, then inserts them with their sagas in one transaction, as many between
 * `min_count` and `max_count` as the quotas leave room for. Throws what Nova answers.
 */
export async function createServers(
  call: ServerCall,
  body: CreateServer,
  hints: Readonly<Record<string, unknown>>,
  adminPass: string,
): Promise<Server[]> {
  const plan = await planServers(call, body, hints);
  const { database } = call.service.parts;
  const { adminPasswords } = call.service;
  return database.transaction(async (trx: Transaction<object>) => {
    const servers = await insertServers(call, plan, trx);
    // before the commit: the builds start with it
    for (const { id, configDrive } of servers) if (configDrive) adminPasswords.set(id, adminPass);
    return servers;
  });
}

async function planServers(
  call: ServerCall,
  body: CreateServer,
  hints: Readonly<Record<string, unknown>>,
): Promise<Plan> {
  const { service, auth } = call;
  const count = readCount(body);
  if (body.trusted_image_certificates?.length) call.enforce('os_compute_api:servers:create:trusted_certs');
  const wish = await readWish(call, body);
  const devices = [...(body.block_device_mapping ?? []), ...(body.block_device_mapping_v2 ?? [])];
  if (devices.length > 0) call.enforce('os_compute_api:servers:create:attach_volume');
  if (!body.imageRef && devices.length === 0) throw badRequest('Missing imageRef attribute');
  const flavor = snapshotFlavor(await findFlavor(call, body.flavorRef));
  if (count.most > 1) checkSeveral(body);
  if (!body.imageRef) {
    planBlockDevices(body, flavor, '/dev/vda');
    throw badRequest('Missing imageRef attribute');
  }
  const facts = await findImage(service, body.imageRef, auth, 'Can not find requested image');
  const autoDiskConfig = autoDiskConfigOf(body['OS-DCF:diskConfig'], facts);
  const securityGroups = await securityGroupIds(call, body.security_groups ?? []);
  const interfaces = await planInterfaces(call, body.networks, count.most);
  const image = await snapshotImage(service, facts, auth);
  const key = await findKey(call, body.key_name);
  const rootDeviceName = withDev(image.properties.root_device_name ?? 'vda');
  const blockDevices = planBlockDevices(body, flavor, rootDeviceName);
  const files = filesOf(body.personality);
  const limits = await service.quotas.limitsOf(auth.projectId!, auth.userId);
  checkMetadataQuota(limits, body.metadata ?? {});
  checkFileQuota(limits, files);
  checkBootable(facts);
  checkFlavorImage(flavor, facts, () => call.allows('os_compute_api:servers:create:zero_disk_flavor'));
  const group = await findGroup(call, hints);
  const template = {
    ...unbuilt,
    ...originOf(call, body.imageRef),
    ...askedFor(body),
    description: (call.atLeast('2.19') ? body.description : body.name) ?? null,
    flavor,
    imageRef: body.imageRef,
    image,
    keyName: key?.name ?? null,
    keyData: key?.publicKey ?? null,
    availabilityZone: wish.zone,
    pinnedAvailabilityZone: wish.zone,
    configDrive:
      (body.config_drive !== undefined && isTrue(body.config_drive)) ||
      image.properties.img_config_drive === 'mandatory',
    autoDiskConfig,
    rootDeviceName,
    reservationId: newReservationId(),
    hints,
    blockDevices,
    injectedFiles: files,
  };
  const { name, hostname } = body;
  return { template, name, hostname, wish, group, interfaces, securityGroups, count };
}

/** What every server is before it is built. */
const unbuilt = {
  host: null,
  node: null,
  vmState: 'building',
  taskState: 'scheduling',
  powerState: powerStates.pending,
  progress: 0,
  oldFlavor: null,
  locked: false,
  lockedBy: null,
  lockedReason: null,
  launchedAt: null,
  terminatedAt: null,
  deletedAt: null,
  fault: null,
  interfaces: [],
} as const satisfies Partial<Server>;

/** Who makes a server, of what, and when. */
function originOf({ service, auth }: ServerCall, imageRef: string) {
  const now = service.parts.clock.now();
  return {
    projectId: auth.projectId!,
    userId: auth.userId,
    createdAt: now,
    updatedAt: now,
    systemMetadata: {
      image_base_image_ref: imageRef,
      owner_user_name: auth.userName,
      boot_roles: auth.roles.join(','),
      owner_project_name: auth.projectName ?? '',
    },
  };
}

/** What of a request becomes part of the server as it was said. */
const askedFor = (body: CreateServer) => ({
  accessIpV4: body.accessIPv4 ?? null,
  accessIpV6: body.accessIPv6 === undefined ? null : shortIpv6(body.accessIPv6),
  metadata: body.metadata ?? {},
  tags: [...new Set(body.tags)],
  trustedCerts: body.trusted_image_certificates ?? null,
  userData: body.user_data ?? null,
});

function readCount(body: CreateServer): Plan['count'] {
  const least = Number(body.min_count ?? 1);
  const most = Number(body.max_count ?? least);
  if (least > most) throw badRequest('min_count must be <= max_count');
  return { least, most };
}

/** Throws `badRequest` for what only one server can have. */
function checkSeveral(body: CreateServer): void {
  const networks = Array.isArray(body.networks) ? body.networks : [];
  if (networks.some((network) => !network.port && network.fixed_ip !== undefined)) {
    throw badRequest(
      'Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.',
    );
  }
  if (networks.some((network) => network.port)) {
    throw badRequest(
      'Failed to launch instances: Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.',
    );
  }
  if (body.hostname !== undefined)
    throw badRequest('Unable to allocate a single hostname to multiple instances');
}

/** The flavor a `flavorRef` names, which may be a URL. Throws `badRequest` when the caller may not use it. */
export async function findFlavor(call: ServerCall, ref: string | number): Promise<Flavor> {
  const id = String(ref).split('?')[0]!.split('/').at(-1)!;
  const flavor = await call.service.flavors.find(id);
  if (!flavor || !mayUse(flavor, { admin: isAdmin(call), projectId: call.auth.projectId }))
    throw badRequest(`Flavor ${id} could not be found.`);
  return flavor;
}

/** A flavor as servers keep it. */
export const snapshotFlavor = (flavor: Flavor): FlavorSnapshot => ({
  id: flavor.flavorId,
  name: flavor.name,
  vcpus: flavor.vcpus,
  memoryMb: flavor.memoryMb,
  rootGb: flavor.rootGb,
  ephemeralGb: flavor.ephemeralGb,
  swapMb: flavor.swapMb,
  extraSpecs: flavor.extraSpecs,
});

/** Ids of the groups named; none for the project's default alone, which ports get by themselves. */
async function securityGroupIds(
  call: ServerCall,
  groups: readonly { readonly name?: string }[],
): Promise<string[]> {
  const names = [...new Set(groups.flatMap((group) => group.name ?? []))];
  if (names.length === 0 || (names.length === 1 && names[0] === 'default')) return [];
  try {
    const found = await call.service.parts.network.securityGroups(call.auth, names);
    return found.map((group) => group.id);
  } catch (error) {
    if (isKind(error, 'notFound')) throw badRequest(error.message, undefined, error);
    if (isKind(error, 'conflict')) throw conflict(error.message, undefined, error);
    throw error;
  }
}

/** A key pair of the caller's; none when none is named. */
export async function findKey(call: ServerCall, name: string | null | undefined) {
  if (name === undefined || name === null) return undefined;
  const key = await call.service.keypairs.find(call.auth.userId, name);
  if (!key) throw badRequest('Invalid key_name provided.');
  return key;
}

async function findGroup(
  call: ServerCall,
  hints: Readonly<Record<string, unknown>>,
): Promise<ServerGroup | undefined> {
  const id = groupOf(hints);
  if (id === undefined) return undefined;
  const group = await call.service.serverGroups.find(id);
  if (!group || (group.projectId !== call.auth.projectId && !isAdmin(call)))
    throw badRequest(`Instance group ${id} could not be found.`);
  return group;
}

const withDev = (name: string): string => (name.startsWith('/dev/') ? name : `/dev/${name}`);

async function insertServers(call: ServerCall, plan: Plan, trx: AnyTransaction): Promise<Server[]> {
  const { service } = call;
  const { template, count, group } = plan;
  const total = await roomForServers(service, trx, template, template.flavor, count.least, count.most);
  const servers: Server[] = [];
  for (let index = 0; index < total; index++) servers.push(await insertServer(call, plan, index, total, trx));
  if (group) await joinGroup(service, trx, group, servers);
  return servers;
}

async function insertServer(
  call: ServerCall,
  plan: Plan,
  index: number,
  total: number,
  trx: AnyTransaction,
): Promise<Server> {
  const { service, request } = call;
  const { wish } = plan;
  const id = newUuid();
  const operation = await service.parts.sagas.start(trx, createSaga, subjectOf(id), {
    serverId: id,
    requestId: request.id,
    interfaces: plan.interfaces(),
    securityGroups: plan.securityGroups,
    ...(wish.forced && { forced: wish.forced }),
    ...(wish.destination && { destination: wish.destination }),
  });
  const suffix = total > 1 ? `-${index + 1}` : '';
  const hostname = hostnameFrom(plan.name);
  const server: Server = {
    ...plan.template,
    id,
    number: await service.servers.nextNumber(trx as never),
    name: plan.name + suffix,
    hostname: plan.hostname ?? (hostname === '' ? `Server-${id}` : hostname + suffix),
    launchIndex: index,
    operation,
  };
  await service.servers.insert(trx as never, server);
  await recordAction(requesterOf(call), { id, host: null }, 'create', [operation], trx);
  return server;
}

/** Puts new servers into their group. Throws `forbidden` when it would have too many. */
async function joinGroup(
  service: Compute,
  trx: AnyTransaction,
  group: ServerGroup,
  servers: readonly Server[],
): Promise<void> {
  const { projectId, userId } = servers[0]!;
  const { server_group_members: most } = await service.quotas.limitsOf(projectId, userId);
  const members = await service.serverGroups.countMembers(trx, group.id, userId);
  if (most >= 0 && members + servers.length > most)
    throw forbidden('Quota exceeded, too many servers in group');
  await service.serverGroups.addMembers(
    trx,
    group.id,
    servers.map((server) => server.id),
  );
}
