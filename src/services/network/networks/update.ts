import { bit } from '#kit/db/columns.ts';

import { invalidInput } from '../errors.ts';
import { removeFloatingIp } from '../floatingips/lifecycle.ts';
import { idleFloatingIps } from '../floatingips/store.ts';
import { owners, autoDeleted } from '../ports/owners.ts';
import { removePortRows } from '../ports/remove.ts';
import { hostsOf, namedPorts, portsWith } from '../ports/store.ts';
import { closeToAll, namedTargets, openToAll, policiesOf, removePoliciesOf } from '../rbac-policies/store.ts';
import type { Updated } from '../resource/attribute.ts';
import { routersOn } from '../routers/store.ts';
import { forgetSubnet } from '../subnets/remove.ts';
import { subnetsOfNetwork } from '../subnets/store.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { allowedMtu, requireNoOtherDefault } from './create.ts';
import { externalNetworkInUse, invalidSharedSetting, mtuConflict, networkInUse } from './errors.ts';
import type { networkAttributes } from './schema.ts';
import type { Segment } from './segments.ts';
import { deleteNetworkRow, type NetworkRow, updateNetworkRow } from './store.ts';

type Changes = Updated<typeof networkAttributes>;

/** The smallest MTU IP of each version works with, in bytes. */
const minMtu = { 4: 68, 6: 1280 } as const;

/** Changes a network, following neutron/db/db_base_plugin_v2.py. */
export async function updateNetwork(work: Work, network: NetworkRow, changes: Changes): Promise<void> {
  refuseProviderChanges(network, changes);
  if (changes.shared !== undefined) await share(work, network, changes.shared);
  const external = changes['router:external'] ?? network.external === 1;
  if (bit(external) !== network.external) await setExternal(work, network, external);
  const isDefault = external && (changes.is_default ?? (network.external === 1 && network.is_default === 1));
  if (isDefault && changes.is_default) await requireNoOtherDefault(work, network.id);
  const mtu = changes.mtu === undefined ? undefined : await newMtu(work, network, changes.mtu);
  await updateNetworkRow(work.db, network.id, {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.admin_state_up !== undefined && { admin_state_up: bit(changes.admin_state_up) }),
    external: bit(external),
    is_default: bit(isDefault),
    ...(changes.port_security_enabled !== undefined && {
      port_security_enabled: bit(changes.port_security_enabled),
    }),
    ...(changes.dns_domain !== undefined && { dns_domain: changes.dns_domain }),
    ...(mtu !== undefined && { mtu }),
  });
  if (mtu !== undefined) work.rewire(...(await hostsOf(work.db, network.id)));
  if (changes.dns_domain !== undefined) work.touch('port', ...(await namedPorts(work.db, network.id)));
  work.touch('network', network.id);
  work.touch('router', ...(await routersOn(work.db, network.id)));
}

function refuseProviderChanges(network: NetworkRow, changes: Changes): void {
  const same =
    (changes['provider:network_type'] ?? network.network_type) === network.network_type &&
    (changes['provider:physical_network'] ?? network.physical_network) === network.physical_network &&
    (changes['provider:segmentation_id'] ?? network.segmentation_id) === network.segmentation_id;
  if (!same) throw invalidInput('Plugin does not support updating provider attributes');
}

async function share(work: Work, network: NetworkRow, shared: boolean): Promise<void> {
  const object = { type: 'network', id: network.id, projectId: network.project_id };
  if (shared) return openToAll(work.db, object, 'access_as_shared');
  const policies = await policiesOf(work.db, network.id, 'access_as_shared');
  if (!policies.some((policy) => policy.target_project === '*')) return;
  await requireUnshareable(work, network);
  await closeToAll(work.db, network.id, 'access_as_shared');
}

/** Throws `conflict` while others than the owner and those named by policies use a shared network. */
async function requireUnshareable(work: Work, network: NetworkRow): Promise<void> {
  const allowed = new Set(await namedTargets(work.db, network.id, 'access_as_shared'));
  allowed.add(network.project_id);
  // ports of routers and floating ips belong to nobody
  allowed.add('');
  const ports = await portsWith(work.db, { network_id: [network.id] });
  const subnets = await subnetsOfNetwork(work.db, network.id);
  const users = [...ports.filter((port) => !port.device_owner.startsWith('network:')), ...subnets];
  if (users.some((user) => !allowed.has(user.project_id))) throw invalidSharedSetting(network.name);
}

async function setExternal(work: Work, network: NetworkRow, external: boolean): Promise<void> {
  const object = { type: 'network', id: network.id, projectId: network.project_id };
  if (external) return openToAll(work.db, object, 'access_as_external');
  // floating ips that lead somewhere need a gateway; others may stay until the network goes
  const inUse = await portsWith(work.db, {
    network_id: [network.id],
    device_owner: [owners.routerGateway],
  });
  if (inUse.length > 0) throw externalNetworkInUse(network.id);
  return closeToAll(work.db, network.id, 'access_as_external');
}

async function newMtu(work: Work, network: NetworkRow, asked: number): Promise<number> {
  const mtu = allowedMtu(work, network.network_type as Segment['type'], asked);
  for (const { ip_version: version } of network.subnets) {
    const minimum = minMtu[version as 4 | 6];
    if (mtu < minimum) throw mtuConflict(network.id, minimum);
  }
  return mtu;
}

/** Removes a network nothing is plugged into, with its subnets, its own ports and its floating ips that lead nowhere. */
export async function removeNetwork(work: Work, network: NetworkRow): Promise<void> {
  for (const ip of await idleFloatingIps(work.db, network.id)) await removeFloatingIp(work, ip);
  const ports = await portsWith(work.db, { network_id: [network.id] });
  const inUse = ports.filter((port) => !autoDeleted.includes(port.device_owner));
  if (inUse.length > 0)
    throw networkInUse(
      network.id,
      inUse.map((port) => port.id),
    );
  await removePortRows(work, ports);
  for (const subnet of network.subnets) await forgetSubnet(work, subnet.id);
  await removeTags(work.db, [network.id]);
  await removePoliciesOf(work.db, network.id);
  await deleteNetworkRow(work.db, network.id);
  work.touch('network', network.id);
}
