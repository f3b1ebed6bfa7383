import type { InterfaceRequest, NetworkSummary } from '#contracts/network.ts';
import {
  badRequest,
  type CloudError,
  conflict,
  forbidden,
  isKind,
  overQuota,
} from '#kit/errors/cloud-error.ts';
import { isUuidLike, newUuid } from '#kit/ids/ids.ts';

import type { ServerCall } from './find.ts';
import type { CreateServer } from './schema.ts';

/** An interface that is going to be made: its port has its id already, so that a repeated step makes one port. */
export interface PlannedInterface {
  readonly portId: string;
  /** Null for the network that is made for the project when its first server needs it. */
  readonly networkId: string | null;
  /** False for a port the user brought. */
  readonly made: boolean;
  readonly fixedIp: string | null;
  readonly tag: string | null;
}

/** What a request for an interface is refused with, by what is wrong with it. */
export interface Refusals {
  /** A network or port that is not there. */
  readonly missing: (message: string) => CloudError;
  /** An address that somebody has already. */
  readonly taken: (message: string) => CloudError;
}

const whenCreating: Refusals = { missing: badRequest, taken: badRequest };

/**
 * The interfaces a new server asks for, checked as nova.network.neutron does: which networks, which ports, whether there is
 * room for `count` servers. Throws what Nova answers. Ids of ports to be made are new with every call.
 */
export async function planInterfaces(
  call: ServerCall,
  networks: CreateServer['networks'],
  count: number,
): Promise<() => PlannedInterface[]> {
  if (networks === 'none') return () => [];
  const requests = Array.isArray(networks) ? readRequests(networks) : [];
  if (requests.length > 0) call.enforce('os_compute_api:servers:create:attach_network');
  const planned =
    requests.length > 0
      ? await checkRequests(call, requests, count)
      : await planDefault(call, networks === 'auto', count);
  return () => planned.map((nic) => (nic.made ? { ...nic, portId: newUuid() } : nic));
}

type NetworkItem = Exclude<NonNullable<CreateServer['networks']>, string>[number];

/** Nova's _get_requested_networks. Throws `badRequest` for what contradicts itself. */
function readRequests(items: readonly NetworkItem[]): InterfaceRequest[] {
  const ports = new Set<string>();
  return items.map((item) => {
    const tag = 'tag' in item && typeof item.tag === 'string' ? { tag: item.tag } : {};
    if (item.port) {
      if (ports.has(item.port)) {
        throw badRequest(
          `Port ID '${item.port}' was specified twice: you cannot attach a port multiple times.`,
        );
      }
      if (item.fixed_ip !== undefined) {
        throw badRequest(
          `Specified Fixed IP '${item.fixed_ip}' cannot be used with port '${item.port}': the two cannot be specified together.`,
        );
      }
      ports.add(item.port);
      return { portId: item.port, ...tag };
    }
    if (item.uuid === undefined) throw badRequest("Bad network format: missing 'uuid'");
    if (!isUuidLike(item.uuid)) {
      throw badRequest(`Bad networks format: network uuid is not in proper format (${item.uuid})`);
    }
    return { networkId: item.uuid, ...(item.fixed_ip !== undefined && { fixedIp: item.fixed_ip }), ...tag };
  });
}

/** Checks each port and network asked for. Throws as Nova does. */
export async function checkRequests(
  call: ServerCall,
  requests: readonly InterfaceRequest[],
  count: number,
  refusals: Refusals = whenCreating,
): Promise<PlannedInterface[]> {
  const wanted = [...new Set(requests.flatMap((request) => request.networkId ?? []))];
  const found = wanted.length > 0 ? await call.service.parts.network.networks(call.auth, wanted) : [];
  const byId = new Map(found.map((network) => [network.id, network]));
  const planned: PlannedInterface[] = [];
  for (const request of requests) {
    planned.push(
      request.portId === undefined
        ? planOnNetwork(call, byId, request, refusals)
        : await planWithPort(call, request.portId, request.tag, refusals),
    );
  }
  for (const id of wanted) {
    const asked = requests.filter((request) => request.networkId === id);
    await checkRoom(call, id, asked.length * count, refusals, asked[0]?.fixedIp);
  }
  return planned;
}

function planOnNetwork(
  call: ServerCall,
  networks: ReadonlyMap<string, NetworkSummary>,
  request: InterfaceRequest,
  refusals: Refusals,
): PlannedInterface {
  const network = networks.get(request.networkId!);
  if (!network) throw refusals.missing(`Network ${request.networkId} could not be found.`);
  checkUsable(call, network);
  return {
    portId: newUuid(),
    networkId: network.id,
    made: true,
    fixedIp: request.fixedIp ?? null,
    tag: request.tag ?? null,
  };
}

function checkUsable(call: ServerCall, network: NetworkSummary): void {
  if (!network.hasSubnets) {
    throw badRequest(`Network ${network.id} requires a subnet in order to boot instances on.`);
  }
  if (network.external && !network.shared && !call.allows('network:attach_external_network')) {
    throw forbidden(`It is not allowed to create an interface on external network ${network.id}`);
  }
}

async function planWithPort(
  call: ServerCall,
  portId: string,
  tag: string | undefined,
  refusals: Refusals,
): Promise<PlannedInterface> {
  const port = await call.service.parts.network.port(portId, call.auth).catch((error: unknown) => {
    if (isKind(error, 'notFound')) throw refusals.missing(`Port id ${portId} could not be found.`);
    throw error;
  });
  if (port.deviceId !== '') throw conflict(`Port ${portId} is still in use.`);
  if (port.addresses.length === 0) {
    throw badRequest(`Port ${portId} requires a FixedIP in order to be used.`);
  }
  return { portId, networkId: port.networkId, made: false, fixedIp: null, tag: tag ?? null };
}

/** Without a choice of the user's: the one network the project has, else a new one for `auto`, else none at all. */
async function planDefault(call: ServerCall, auto: boolean, count: number): Promise<PlannedInterface[]> {
  const network = await theOnlyNetwork(call);
  if (network) {
    checkUsable(call, network);
    await checkRoom(call, network.id, count, whenCreating);
  } else if (auto) await checkAllocation(call);
  else return [];
  return [{ portId: newUuid(), networkId: network?.id ?? null, made: true, fixedIp: null, tag: null }];
}

/** Throws `badRequest` where a project without a network cannot get one by itself. */
async function checkAllocation(call: ServerCall): Promise<void> {
  try {
    await call.service.parts.network.canAutoAllocate();
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
    throw badRequest(
      `Unable to automatically allocate a network for project ${call.auth.projectId}`,
      undefined,
      error,
    );
  }
}

/** The network a project's servers go on by default. Throws `conflict` when there are several. */
export async function theOnlyNetwork(call: ServerCall): Promise<NetworkSummary | undefined> {
  const all = await call.service.parts.network.networks(call.auth);
  const own = all.filter((network) => network.shared || network.projectId === call.auth.projectId);
  if (own.length > 1) {
    throw conflict('Multiple possible networks found, use a Network ID to be more specific.');
  }
  return own[0];
}

/** Throws, in Nova's words, when a network or the project's quota has no room. */
async function checkRoom(
  call: ServerCall,
  networkId: string,
  count: number,
  refusals: Refusals,
  fixedIp?: string,
): Promise<void> {
  try {
    await call.service.parts.network.checkRoom(call.auth, networkId, count, fixedIp);
  } catch (error) {
    if (isKind(error, 'overQuota')) throw overQuota('Maximum number of ports exceeded', undefined, error);
    // a network without a free address is found out by the build, as in Nova; an address somebody has already is not
    if (isKind(error, 'conflict') && fixedIp === undefined) return;
    if (isKind(error, 'conflict')) throw refusals.taken(error.message);
    throw error;
  }
}
