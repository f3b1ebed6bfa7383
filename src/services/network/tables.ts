import type { Kysely } from 'kysely';

import type { Bit } from '#kit/db/columns.ts';

/**
 * Every table of Network. Rows are named as the API names their attributes; JSON is text, truth is 0 or 1, times are
 * milliseconds. The SQL stands in the nouns' `store.ts` files.
 */

/** What rows of resources with standard attributes share. */
export interface StandardColumns {
  id: string;
  project_id: string;
  description: string;
  created_at: number;
  updated_at: number;
  revision_number: number;
}

/** No two networks have the same type, physical network and segmentation id. Sharing is in the RBAC policies. */
export interface NetworkTable extends StandardColumns {
  name: string;
  admin_state_up: Bit;
  status: string;
  mtu: number;
  external: Bit;
  is_default: Bit;
  port_security_enabled: Bit;
  dns_domain: string;
  network_type: string;
  /** Empty when there is none. */
  physical_network: string;
  /** 0 when there is none. */
  segmentation_id: number;
  /** JSON list. */
  availability_zone_hints: string;
}

/** A subnet with its lists inside: they are only ever read and written as a whole. */
export interface SubnetTable extends StandardColumns {
  name: string;
  network_id: string;
  ip_version: number;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: Bit;
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
  subnetpool_id: string | null;
  /** JSON lists. */
  allocation_pools: string;
  dns_nameservers: string;
  host_routes: string;
  service_types: string;
}

/** A port without its addresses and groups. `binding_host_id` is empty while it is bound to no host. */
export interface PortTable extends StandardColumns {
  name: string;
  network_id: string;
  mac_address: string;
  admin_state_up: Bit;
  status: string;
  device_id: string;
  device_owner: string;
  port_security_enabled: Bit;
  ip_allocation: string;
  dns_name: string;
  dns_domain: string;
  binding_host_id: string;
  binding_vnic_type: string;
  /** JSON. */
  binding_profile: string;
  allowed_address_pairs: string;
  extra_dhcp_opts: string;
}

/** An address of a port. The key sorts as addresses do; no address is given twice on a network. */
export interface AllocationTable {
  network_id: string;
  address_key: string;
  ip_address: string;
  subnet_id: string;
  port_id: string;
}

/** A group; its rules are rows of their own, which go with it. */
export interface SecurityGroupTable extends StandardColumns {
  name: string;
  stateful: Bit;
}

/** A rule of one group; null matches anything. Rules never change, they are made and deleted. */
export interface SecurityGroupRuleTable extends StandardColumns {
  security_group_id: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  remote_address_group_id: string | null;
  /** What makes two rules of one group the same rule. */
  fingerprint: string;
}

/** A router; its gateway and its interfaces are ports, found by `device_id`. */
export interface RouterTable extends StandardColumns {
  name: string;
  admin_state_up: Bit;
  status: string;
  enable_snat: Bit;
  /** JSON lists. */
  routes: string;
  availability_zone_hints: string;
}

/** A floating ip. Its status follows from `router_id`; a fixed address has one on each external network at most. */
export interface FloatingIpTable extends StandardColumns {
  floating_network_id: string;
  floating_ip_address: string;
  /** The port that holds the address on the external network. */
  floating_port_id: string;
  /** The port it leads to. */
  fixed_port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  dns_name: string;
  dns_domain: string;
}

/** Has no standard attributes in Neutron either: no revision, no times, no tags. */
export interface AddressScopeTable {
  id: string;
  project_id: string;
  name: string;
  ip_version: number;
}

/** A pool; what is given out is told by the subnets that name it. Its prefixes are as few as say what it holds. */
export interface SubnetPoolTable extends StandardColumns {
  name: string;
  ip_version: number;
  /** JSON list of CIDRs. */
  prefixes: string;
  default_prefixlen: number;
  min_prefixlen: number;
  max_prefixlen: number;
  default_quota: number | null;
  is_default: Bit;
  address_scope_id: string | null;
}

/** A group of CIDRs that rules may name instead of one prefix. */
export interface AddressGroupTable extends StandardColumns {
  name: string;
  /** JSON list of CIDRs. */
  addresses: string;
}

/** What a rule matches. */
export type RuleColumns = Pick<
  SecurityGroupRuleTable,
  | 'direction'
  | 'ethertype'
  | 'protocol'
  | 'port_range_min'
  | 'port_range_max'
  | 'remote_ip_prefix'
  | 'remote_group_id'
  | 'remote_address_group_id'
>;

/** What one project lets another do with an object of its own; the target `*` is everyone. */
export interface RbacPolicyTable {
  id: string;
  project_id: string;
  object_type: string;
  object_id: string;
  action: string;
  target_project: string;
}

/** A rule new groups start with; the remote group `PARENT` is the new group itself. */
export interface DefaultRuleTable extends RuleColumns {
  id: string;
  description: string;
  used_in_default_sg: Bit;
  used_in_non_default_sg: Bit;
}

/** What is known of each table by its name in the database, for Kysely. */
export interface Tables {
  network_networks: NetworkTable;
  network_subnets: SubnetTable;
  network_ports: PortTable;
  network_ip_allocations: AllocationTable;
  network_security_groups: SecurityGroupTable;
  network_security_group_rules: SecurityGroupRuleTable;
  network_default_security_group_rules: DefaultRuleTable;
  network_default_security_groups: { project_id: string; security_group_id: string };
  network_port_security_groups: { port_id: string; security_group_id: string };
  network_routers: RouterTable;
  network_floatingips: FloatingIpTable;
  network_address_scopes: AddressScopeTable;
  network_subnetpools: SubnetPoolTable;
  network_address_groups: AddressGroupTable;
  network_auto_allocated_topologies: { project_id: string; network_id: string; router_id: string };
  network_rbac_policies: RbacPolicyTable;
  network_tags: { resource_id: string; tag: string };
  network_agents: { id: string; description: string };
  network_quotas: { project_id: string; resource: string; quota_limit: number };
  network_outbox: { kind: string; resource_id: string; token: string; enqueued_at: number };
}

/** The tables, in a transaction or outside of one. */
export type Db = Kysely<Tables>;
