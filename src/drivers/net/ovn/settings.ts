import { unavailable } from '#kit/errors/cloud-error.ts';
import { OvsdbClient } from '#protocols/ovsdb/client.ts';

import { derivedUuid } from './names.ts';
import { integrationBridge, vswitch, type VswitchChange } from './vswitch.ts';

/** What a hypervisor's switch is told about the network it belongs to. */
export interface SwitchSettings {
  /** The hypervisor's name in the cloud: ports are bound to it by this name. */
  readonly hostname: string;
  /** The Southbound database, `unix:/path` or `tcp:host:port`. */
  readonly southbound: string;
  readonly datapath: Datapath;
  /** Address other hypervisors reach this one at. */
  readonly encapAddress: string;
  /** Bridges to physical networks, by physical network. */
  readonly bridges: Readonly<Record<string, string>>;
}

/** `system` is the kernel's, `netdev` runs in ovs-vswitchd. */
export type Datapath = 'system' | 'netdev';

/** How the settings stand to what is there: replace what differs, or respect what an operator has set. */
export type Manner = 'replace' | 'add';

const timeoutMs = 5_000;

/** Writes the settings and makes the bridges. Throws `unavailable` when the switch's database does not answer. */
export async function writeSettings(
  remote: string,
  settings: SwitchSettings,
  manner: Manner = 'replace',
): Promise<void> {
  const client = new OvsdbClient(remote, vswitch);
  try {
    await client.ready(timeoutMs);
    await client.change((change) => declareSettings(change, settings, manner));
  } finally {
    client.close();
  }
}

/** The settings a switch has now. */
export async function readSettings(remote: string): Promise<Readonly<Record<string, string>>> {
  const client = new OvsdbClient(remote, vswitch);
  try {
    await client.ready(timeoutMs);
    const [root] = client.tables.Open_vSwitch.rows();
    if (!root) throw unavailable('the switch is not initialized');
    return root.external_ids;
  } finally {
    client.close();
  }
}

function declareSettings(change: VswitchChange, settings: SwitchSettings, manner: Manner): void {
  const [row] = change.rows('Open_vSwitch');
  const root = row?._uuid ?? derivedUuid('switch');
  const [theirs, ours] = [row?.external_ids ?? {}, externalIds(settings)];
  change.put('Open_vSwitch', root, {
    external_ids: manner === 'replace' ? { ...theirs, ...ours } : { ...ours, ...theirs },
  });
  const bridges = [integrationBridge, ...Object.values(settings.bridges)];
  for (const name of bridges) {
    const existing = [...change.rows('Bridge')].find((bridge) => bridge.name === name);
    if (!existing) putBridge(change, root, name, settings);
    else if (manner === 'replace') change.put('Bridge', existing._uuid, { datapath_type: settings.datapath });
  }
}

function externalIds(settings: SwitchSettings): Record<string, string> {
  return {
    // the same after the database was lost, so that the hypervisor finds its own traces again
    'system-id': derivedUuid('chassis', settings.hostname),
    hostname: settings.hostname,
    'ovn-remote': settings.southbound,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': settings.encapAddress,
    'ovn-bridge': integrationBridge,
    'ovn-bridge-datapath-type': settings.datapath,
    'ovn-bridge-mappings': Object.entries(settings.bridges)
      .map(([network, bridge]) => `${network}:${bridge}`)
      .join(','),
    'ovn-cms-options': 'enable-chassis-as-gw',
    // both ends are local and seen to die: asking costs idle processor time
    'ovn-openflow-probe-interval': '0',
    ...(settings.southbound.startsWith('unix:') && { 'ovn-remote-probe-interval': '0' }),
  };
}

/**
 * A bridge with its own device. The one OVN programs passes nothing before it has been programmed. The switch makes a
 * bridge's MAC address from the row's UUID: it must not be the same on two hosts.
 */
function putBridge(change: VswitchChange, root: string, name: string, settings: SwitchSettings): void {
  const { hostname, datapath } = settings;
  const uuid = (part: string): string => derivedUuid('bridge', hostname, name, part);
  change.put('Interface', uuid('interface'), { name, type: 'internal' });
  change.put('Port', uuid('port'), { name, interfaces: [uuid('interface')] });
  change.put('Bridge', uuid('bridge'), {
    name,
    ports: [uuid('port')],
    datapath_type: datapath,
    fail_mode: name === integrationBridge ? 'secure' : 'standalone',
  });
  change.include('Open_vSwitch', root, 'bridges', uuid('bridge'));
}
