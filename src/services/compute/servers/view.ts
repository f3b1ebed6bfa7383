import { createHash } from 'node:crypto';

import type { PortFacts } from '#contracts/network.ts';
import { isoMicrosNaive, isoSeconds } from '#kit/clock/clock.ts';
import type { RequestInfo } from '#kit/http/endpoint.ts';

import { linksTo } from '../links.ts';
import { standardProperties } from './image-properties.ts';
import { instanceName, type Server } from './server.ts';
import { statusOf } from './state.ts';

/** What a representation shows beyond the server's row: fetched once for a whole page. */
export interface ServerFacts {
  /** Ports by server, in no particular order. */
  readonly ports: ReadonlyMap<string, readonly PortFacts[]>;
  /** Names of security groups by id. */
  readonly securityGroups: ReadonlyMap<string, string>;
  /** `host_status` by host; undefined when the caller may not see it. */
  readonly hostStatus: ((host: string | null) => string | undefined) | undefined;
  /** The server group of a server; undefined when it is not shown. */
  readonly serverGroups: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What a caller is shown, by microversion and policy: decided once for a whole page. */
export interface Visibility {
  /** 2.3: more attributes for administrators. */
  readonly attributes: 'none' | 'basic' | 'all';
  readonly userData: boolean;
  readonly locked: boolean;
  readonly description: boolean;
  readonly tags: boolean;
  readonly flavorInline: boolean;
  readonly extraSpecs: boolean;
  readonly trustedCerts: boolean;
  readonly lockedReason: boolean;
  readonly hostname: boolean;
  readonly pinnedZone: boolean;
  readonly imageProperties: boolean;
  readonly hints: boolean;
  /** Whether details of an internal error are shown. */
  readonly internals: boolean;
  /** Answers to PUT and rebuild left these out before 2.75. */
  readonly runtime: boolean;
  readonly keyName: boolean;
}

/** The short form of lists. */
export const viewBrief = (server: Pick<Server, 'id' | 'name'>, request: RequestInfo) => ({
  id: server.id,
  name: server.name,
  links: linksTo(request, 'servers', server.id),
});

/** A server in full. */
export function viewServer(server: Server, facts: ServerFacts, shown: Visibility, request: RequestInfo) {
  const view: Record<string, unknown> = {
    id: server.id,
    name: server.name,
    status: statusOf(server),
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostIdOf(server.projectId, server.host),
    image: viewImage(server, shown, request),
    flavor: viewFlavor(server, shown, request),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: viewAddresses(server, facts.ports.get(server.id) ?? [], shown.runtime),
    accessIPv4: server.accessIpV4 ?? '',
    accessIPv6: server.accessIpV6 ?? '',
    links: linksTo(request, 'servers', server.id),
    'OS-DCF:diskConfig': server.autoDiskConfig ? 'AUTO' : 'MANUAL',
  };
  addProgressAndFault(view, server, shown);
  if (shown.runtime) addRuntime(view, server, facts);
  if (shown.keyName) view.key_name = server.keyName;
  addAttributes(view, server, shown);
  addByVersion(view, server, facts, shown);
  return view;
}

const progressStatuses = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

function addProgressAndFault(view: Record<string, unknown>, server: Server, shown: Visibility): void {
  const status = view.status as string;
  if (progressStatuses.has(status)) view.progress = server.progress;
  const { fault } = server;
  if (!fault || (status !== 'ERROR' && status !== 'DELETED')) return;
  view.fault = {
    code: fault.code,
    created: isoSeconds(fault.createdAt),
    message: fault.message,
    ...(fault.details !== null && (shown.internals || fault.code !== 500) && { details: fault.details }),
  };
}

function addRuntime(view: Record<string, unknown>, server: Server, facts: ServerFacts): void {
  view['OS-EXT-AZ:availability_zone'] = server.availabilityZone ?? '';
  view.config_drive = server.configDrive ? 'True' : '';
  view['OS-SRV-USG:launched_at'] = server.launchedAt === null ? null : isoMicrosNaive(server.launchedAt);
  view['OS-SRV-USG:terminated_at'] =
    server.terminatedAt === null ? null : isoMicrosNaive(server.terminatedAt);
  view['OS-EXT-STS:task_state'] = server.taskState;
  view['OS-EXT-STS:vm_state'] = server.vmState;
  view['OS-EXT-STS:power_state'] = server.powerState;
  view['os-extended-volumes:volumes_attached'] = [];
  const groups = (facts.ports.get(server.id) ?? []).flatMap((port) => port.securityGroups);
  const names = groups.flatMap((id) => facts.securityGroups.get(id) ?? []);
  if (names.length > 0) view.security_groups = names.map((name) => ({ name }));
}

function addAttributes(view: Record<string, unknown>, server: Server, shown: Visibility): void {
  if (shown.attributes === 'none') return;
  view['OS-EXT-SRV-ATTR:host'] = server.host;
  view['OS-EXT-SRV-ATTR:instance_name'] = instanceName(server);
  view['OS-EXT-SRV-ATTR:hypervisor_hostname'] = server.node;
  if (shown.attributes === 'basic') return;
  view['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
  view['OS-EXT-SRV-ATTR:kernel_id'] = server.image.kernel?.id ?? '';
  view['OS-EXT-SRV-ATTR:launch_index'] = server.launchIndex;
  view['OS-EXT-SRV-ATTR:ramdisk_id'] = server.image.ramdisk?.id ?? '';
  view['OS-EXT-SRV-ATTR:reservation_id'] = server.reservationId;
  view['OS-EXT-SRV-ATTR:root_device_name'] = server.rootDeviceName;
  if (shown.userData) view['OS-EXT-SRV-ATTR:user_data'] = server.userData;
}

function addByVersion(
  view: Record<string, unknown>,
  server: Server,
  facts: ServerFacts,
  shown: Visibility,
): void {
  if (shown.locked) view.locked = server.locked;
  const hostStatus = facts.hostStatus?.(server.host);
  if (hostStatus !== undefined) view.host_status = hostStatus;
  if (shown.description) view.description = server.description;
  if (shown.tags) view.tags = server.tags;
  if (shown.trustedCerts) view.trusted_image_certificates = server.trustedCerts;
  if (facts.serverGroups) view.server_groups = facts.serverGroups.get(server.id) ?? [];
  if (shown.lockedReason) view.locked_reason = server.lockedReason;
  if (shown.hostname) view['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
  if (shown.pinnedZone) view.pinned_availability_zone = server.pinnedAvailabilityZone;
  if (shown.hints) view.scheduler_hints = server.hints;
}

function viewImage(server: Server, shown: Visibility, request: RequestInfo): unknown {
  if (server.imageRef === '') return '';
  return {
    id: server.imageRef,
    links: [{ rel: 'bookmark', href: `${request.origin}/images/${server.imageRef}` }],
    ...(shown.imageProperties && { properties: standardProperties(server.image.properties) }),
  };
}

function viewFlavor({ flavor }: Server, shown: Visibility, request: RequestInfo): unknown {
  if (!shown.flavorInline) {
    return {
      id: flavor.id,
      links: [{ rel: 'bookmark', href: `${request.origin}/flavors/${flavor.id}` }],
    };
  }
  return {
    vcpus: flavor.vcpus,
    ram: flavor.memoryMb,
    disk: flavor.rootGb,
    ephemeral: flavor.ephemeralGb,
    swap: flavor.swapMb,
    original_name: flavor.name,
    ...(shown.extraSpecs && { extra_specs: flavor.extraSpecs }),
  };
}

/** One address of a server as `addresses` shows it. */
export interface AddressView {
  readonly version: 4 | 6;
  readonly addr: string;
  readonly 'OS-EXT-IPS:type'?: 'fixed' | 'floating';
  readonly 'OS-EXT-IPS-MAC:mac_addr'?: string;
}

/**
 * Addresses by network name, in the order of the server's interfaces; floating ones after the fixed ones. `inFull` tells
 * the type and the MAC address as well.
 */
export function viewAddresses(
  server: Server,
  ports: readonly PortFacts[],
  inFull: boolean,
): Record<string, AddressView[]> {
  const view = inFull ? fullAddress : briefAddress;
  // a server that is being built shows none, though its ports may exist
  if (server.vmState === 'building' || ports.length === 0) return {};
  // a map: users name networks as they like, also like what every object has
  const byNetwork = new Map<string, { fixed: AddressView[]; floating: AddressView[] }>();
  for (const port of inOrder(server, ports)) {
    const { fixed, floating } = byNetwork.get(port.networkName) ?? { fixed: [], floating: [] };
    byNetwork.set(port.networkName, { fixed, floating });
    for (const address of port.addresses) {
      fixed.push(view(address.address, address.version, 'fixed', port.mac));
      for (const nat of address.floating) floating.push(view(nat, 4, 'floating', port.mac));
    }
  }
  return Object.fromEntries(
    [...byNetwork].map(([network, { fixed, floating }]) => [network, [...fixed, ...floating]]),
  );
}

const briefAddress = (addr: string, version: 4 | 6): AddressView => ({ version, addr });

const fullAddress = (addr: string, version: 4 | 6, type: 'fixed' | 'floating', mac: string): AddressView => ({
  version,
  addr,
  'OS-EXT-IPS:type': type,
  'OS-EXT-IPS-MAC:mac_addr': mac,
});

/** Ports as the guest sees them; those the server does not know yet come last. */
function inOrder(server: Server, ports: readonly PortFacts[]): readonly PortFacts[] {
  if (ports.length < 2) return ports;
  const position = new Map(server.interfaces.map((nic, i) => [nic.portId, i]));
  const last = server.interfaces.length;
  return [...ports].sort((a, b) => (position.get(a.id) ?? last) - (position.get(b.id) ?? last));
}

const hostIds = new Map<string, string>();

/** Nova's `hostId`: the same for two servers of one project on one host, telling nothing else. */
export function hostIdOf(projectId: string, host: string | null): string {
  if (host === null) return '';
  const key = projectId + host;
  let id = hostIds.get(key);
  if (id === undefined) {
    id = createHash('sha224').update(key).digest('hex');
    if (hostIds.size < 10_000) hostIds.set(key, id);
  }
  return id;
}
