import { list, number, text, type Values } from '#kit/config/options.ts';

import type { QuotaResource } from './quotas/resources.ts';

const unlimited = { min: -1 };

/** The `[network]` section of the configuration file. */
export const networkOptions = {
  physical_networks: list(
    ['public'],
    'Physical networks that flat and VLAN networks may be on; agents say which they are connected to.',
  ),
  vlan_ranges: list([], 'VLANs given to VLAN networks that name none, as `physical network:first:last`.'),
  vni_first: number(1, 'First geneve network identifier given out.', { min: 1, max: 16_777_215 }),
  vni_last: number(65_536, 'Last geneve network identifier given out.', { min: 1, max: 16_777_215 }),
  mtu: number(1500, 'Largest packet the physical networks carry, in bytes.', { min: 68, max: 65_535 }),
  dns_domain: text('openstacklocal', 'Domain of the names of ports.'),
  availability_zone: text('nova', 'Availability zone of networks and routers.'),
  settle_timeout: number(
    5,
    'Seconds an API call waits for the engine to carry its change out; the change is kept either way.',
    { min: 0 },
  ),
  quota_network: number(100, 'Networks a project may have; -1: any number.', unlimited),
  quota_subnet: number(100, 'Subnets a project may have; -1: any number.', unlimited),
  quota_port: number(500, 'Ports a project may have; -1: any number.', unlimited),
  quota_subnetpool: number(-1, 'Subnet pools a project may have; -1: any number.', unlimited),
  quota_router: number(10, 'Routers a project may have; -1: any number.', unlimited),
  quota_router_route: number(30, 'Extra routes a router may have; -1: any number.', unlimited),
  quota_floatingip: number(50, 'Floating ips a project may have; -1: any number.', unlimited),
  quota_security_group: number(10, 'Security groups a project may have; -1: any number.', unlimited),
  quota_security_group_rule: number(
    100,
    'Security group rules a project may have; -1: any number.',
    unlimited,
  ),
  quota_rbac_policy: number(10, 'RBAC policies a project may have; -1: any number.', unlimited),
} as const;

/** The options as the service uses them. */
export interface NetworkSettings extends Values<typeof networkOptions> {
  readonly quotas: Readonly<Record<QuotaResource, number>>;
}

/** The settings that options amount to. */
export const settingsFrom = (values: Values<typeof networkOptions>): NetworkSettings => ({
  ...values,
  quotas: {
    network: values.quota_network,
    subnet: values.quota_subnet,
    port: values.quota_port,
    subnetpool: values.quota_subnetpool,
    router: values.quota_router,
    router_route: values.quota_router_route,
    floatingip: values.quota_floatingip,
    security_group: values.quota_security_group,
    security_group_rule: values.quota_security_group_rule,
    rbac_policy: values.quota_rbac_policy,
  },
});
