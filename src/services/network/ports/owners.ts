/** Device owners Network itself acts on; neutron_lib/constants.py names them. */

/**
 * Only administrators, services and the owner of the network may give a port one of these (policy rule
 * `network_device`).
 */
export const owners = {
  routerInterface: 'network:router_interface',
  routerGateway: 'network:router_gateway',
  floatingIp: 'network:floatingip',
  /** The network's own port: where DHCP answers from and metadata is served. */
  service: 'network:distributed',
  dhcp: 'network:dhcp',
} as const;

/** Ports that go when their network goes. */
export const autoDeleted: readonly string[] = [owners.dhcp, owners.service];

/** Ports of routers; their addresses are given, never automatic. */
export const isRouterPort = (owner: string): boolean =>
  owner === owners.routerInterface || owner === owners.routerGateway;

/** Ports of the network's own devices: trusted, without security groups. */
export const isNetworkDevice = (owner: string): boolean => owner.startsWith('network:');

/** What the engine has a port for; floating ips are addresses on their router instead. */
export const engineKind = (owner: string): 'plain' | 'router' | 'service' | undefined => {
  if (owner === owners.floatingIp) return undefined;
  if (isRouterPort(owner)) return 'router';
  return owner === owners.service ? 'service' : 'plain';
};
