import type { NetworkContract, NetworkSummary, PortFacts, SecurityGroupFacts } from '#contracts/network.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { conflict } from '#kit/errors/cloud-error.ts';

import { haveFree, isTaken } from './addressing/allocate.ts';
import { provideTopology, requirements } from './auto-allocated-topologies/topology.ts';
import { ipAddressInUse, networkNotFound, portNotFound, securityGroupNotFound } from './errors.ts';
import { groupFacts, networkSummary, portFacts } from './facts.ts';
import { floatingIpNotFound } from './floatingips/errors.ts';
import { updateFloatingIp } from './floatingips/lifecycle.ts';
import { findFloatingIp, floatingIpsByAddress } from './floatingips/store.ts';
import { findNetwork, listNetworks } from './networks/store.ts';
import { createPort } from './ports/create.ts';
import { noMoreAddresses, notInNetwork, portHasOtherName, portInUse } from './ports/errors.ts';
import { isAutomatic, usable } from './ports/fixed-ips.ts';
import { removePortRows } from './ports/remove.ts';
import { findPort, type PortRow, portsOfOwners, portsWith } from './ports/store.ts';
import { updatePort } from './ports/update.ts';
import { requireQuota, reserve } from './quotas/store.ts';
import { filteredBy, noQuery } from './resource/query.ts';
import { bump } from './resource/revision.ts';
import { everything, type Viewer } from './resource/viewer.ts';
import { ensureDefaultGroup } from './security-groups/create.ts';
import { groupsById, type GroupRow, listGroups } from './security-groups/store.ts';
import type { Network } from './service.ts';
import { subnetsOfNetwork } from './subnets/store.ts';
import type { Db } from './tables.ts';
import type { Work } from './work.ts';

/** What other services may ask of Network. */
export const networkContract = (service: Network): NetworkContract => ({
  networks: (caller, ids) => usableNetworks(service.db, callerAsViewer(caller), ids),

  async port(id, caller) {
    const port = await findPort(service.db, id, caller ? callerAsViewer(caller) : everything);
    if (!port) throw portNotFound(id);
    return (await portFacts(service.db, [port]))[0]!;
  },

  portsOf: async (deviceIds) => portFacts(service.db, await portsWith(service.db, { device_id: deviceIds })),

  async securityGroups(caller, namesOrIds) {
    const viewer = callerAsViewer(caller);
    if (caller.projectId !== undefined && namesOrIds.includes('default'))
      await service.write((work) => ensureDefaultGroup(work, caller.projectId!));
    const own = await listGroups(service.db, noQuery, { ...viewer, admin: false });
    return namesOrIds.map((wanted) => oneGroup(own, wanted));
  },

  securityGroupsById: async (ids) => (await groupsById(service.db, ids)).map(groupFacts),

  setSecurityGroups: (portId, ids) =>
    changePort(service, portId, (work, port) => updatePort(work, port, { security_groups: ids }, everything)),

  checkRoom: (caller, networkId, count, fixedIp) => checkRoom(service, caller, networkId, count, fixedIp),

  async createPort(port) {
    await service.write(async (work) => {
      const made = await findPort(work.db, port.id, everything);
      if (made) {
        if (port.host !== undefined && made.binding_host_id !== port.host)
          await updatePort(work, made, { 'binding:host_id': port.host }, everything);
        return;
      }
      await reserve(work, 'port', port.projectId, 1);
      await createPort(
        work,
        {
          id: port.id,
          networkId: port.networkId,
          projectId: port.projectId,
          deviceId: port.deviceId,
          deviceOwner: port.deviceOwner,
          fixedIps: port.fixedIp === undefined ? undefined : [{ ip_address: port.fixedIp }],
          securityGroups: port.securityGroups.length === 0 ? undefined : port.securityGroups,
          ...(port.dnsName !== undefined && { dnsName: port.dnsName }),
          host: port.host,
        },
        everything,
      );
    });
    return factsOf(service, port.id);
  },

  async claimPort(id, device) {
    await changePort(service, id, async (work, port) => {
      if (port.device_id !== '' && port.device_id !== device.id)
        throw portInUse(id, port.network_id, port.device_id);
      const name = device.dnsName?.toLowerCase();
      if (name !== undefined && port.dns_name !== '' && port.dns_name !== name)
        throw portHasOtherName(id, device.id, port.dns_name, name);
      await updatePort(
        work,
        port,
        {
          device_id: device.id,
          device_owner: device.owner,
          ...(name !== undefined && { dns_name: name }),
          ...(device.host !== undefined && { 'binding:host_id': device.host }),
        },
        everything,
      );
    });
    return factsOf(service, id);
  },

  releasePort: (id) =>
    changePortIfThere(service, id, (work, port) =>
      updatePort(
        work,
        port,
        { device_id: '', device_owner: '', dns_name: '', 'binding:host_id': '', 'binding:profile': {} },
        everything,
      ),
    ),

  async bindPort(id, host) {
    await changePort(service, id, (work, port) =>
      updatePort(work, port, { 'binding:host_id': host }, everything),
    );
    return factsOf(service, id);
  },

  unbindPort: (id) =>
    changePortIfThere(service, id, (work, port) =>
      updatePort(work, port, { 'binding:host_id': '' }, everything),
    ),

  deletePort: (id) => changePortIfThere(service, id, (work, port) => removePortRows(work, [port])),

  async portByAddress(networkId, address) {
    const [port] = await portsWith(service.db, {
      network_id: [networkId],
      fixed_ips: [`ip_address=${address}`],
    });
    return port && (await portFacts(service.db, [port]))[0];
  },

  associateFloatingIp: (caller, floatingAddress, portId, fixedAddress) =>
    leadFloatingIp(service, caller, floatingAddress, {
      port_id: portId,
      ...(fixedAddress !== undefined && { fixed_ip_address: fixedAddress }),
    }),

  disassociateFloatingIp: (caller, floatingAddress) =>
    leadFloatingIp(service, caller, floatingAddress, { port_id: null }),

  async devicePorts(ownerPrefix) {
    const rows = await portsOfOwners(service.db, ownerPrefix);
    return rows.map((row) => ({ id: row.id, deviceId: row.device_id, host: row.binding_host_id }));
  },

  autoAllocate: (projectId) => service.write((work) => provideTopology(work, projectId)),

  canAutoAllocate: async () => void (await requirements(service.db)),

  onPort: (listener) => service.onPort(listener),
});

const callerAsViewer = (caller: Credentials): Viewer => ({
  projectId: caller.projectId,
  admin: caller.roles.includes('admin') || caller.roles.includes('service'),
});

/** Networks of the caller's project and those shared with it; with ids, any they may see. */
async function usableNetworks(
  db: Db,
  caller: Viewer,
  ids: readonly string[] | undefined,
): Promise<NetworkSummary[]> {
  if (ids) {
    if (ids.length === 0) return [];
    const found = new Map((await listNetworks(db, filteredBy({ id: ids }), caller)).map((n) => [n.id, n]));
    return ids.flatMap((id) => found.get(id) ?? []).map(networkSummary);
  }
  const seen = await listNetworks(db, noQuery, { ...caller, admin: false });
  return seen
    .filter((network) => network.project_id === caller.projectId || network.shared === 1)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(networkSummary);
}

function oneGroup(own: readonly GroupRow[], wanted: string): SecurityGroupFacts {
  const byId = own.find((group) => group.id === wanted);
  if (byId) return groupFacts(byId);
  const byName = own.filter((group) => group.name === wanted);
  if (byName.length === 0) throw securityGroupNotFound(wanted);
  if (byName.length > 1) {
    throw conflict(`Multiple security groups found matching '${wanted}'. Use an ID to be more specific.`, {
      type: 'NoUniqueMatch',
    });
  }
  return groupFacts(byName[0]!);
}

async function checkRoom(
  service: Network,
  caller: Credentials,
  networkId: string,
  count: number,
  fixedIp: string | undefined,
): Promise<void> {
  const { db, settings } = service;
  const network = await findNetwork(db, networkId, callerAsViewer(caller));
  if (!network) throw networkNotFound(networkId);
  await requireQuota(db, settings.quotas, 'port', caller.projectId ?? '', count);
  const subnets = await subnetsOfNetwork(db, networkId);
  if (fixedIp !== undefined) {
    if (!subnets.some((subnet) => usable(subnet, fixedIp, ''))) throw notInNetwork(fixedIp);
    if (await isTaken(db, networkId, fixedIp)) throw ipAddressInUse(networkId, fixedIp);
    return;
  }
  for (const version of [4, 6]) {
    const given = subnets.filter((subnet) => subnet.ip_version === version && !isAutomatic(subnet));
    if (given.length > 0 && !(await haveFree(db, given, count))) throw noMoreAddresses(networkId);
  }
}

type PortChange = (work: Work, port: PortRow) => Promise<void>;

async function changePort(service: Network, id: string, change: PortChange): Promise<void> {
  await service.write(async (work) => {
    await bump(work, 'network_ports', id, portNotFound);
    await change(work, (await findPort(work.db, id, everything))!);
  });
}

async function changePortIfThere(service: Network, id: string, change: PortChange): Promise<void> {
  await service.write(async (work) => {
    const port = await findPort(work.db, id, everything);
    if (port) await change(work, port);
  });
}

async function factsOf(service: Network, id: string): Promise<PortFacts> {
  const port = await findPort(service.db, id, everything);
  if (!port) throw portNotFound(id);
  return (await portFacts(service.db, [port]))[0]!;
}

async function leadFloatingIp(
  service: Network,
  caller: Credentials,
  address: string,
  changes: { port_id: string | null; fixed_ip_address?: string },
): Promise<void> {
  const viewer = callerAsViewer(caller);
  await service.write(async (work) => {
    const [found] = await floatingIpsByAddress(work.db, address, viewer);
    if (!found) throw floatingIpNotFound(address);
    await bump(work, 'network_floatingips', found.id, floatingIpNotFound);
    const ip = (await findFloatingIp(work.db, found.id, everything))!;
    await updateFloatingIp(work, ip, changes, viewer);
  });
}
