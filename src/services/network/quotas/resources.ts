/** What is limited per project, and the table whose rows are counted; routes are limited per router instead. */
export const quotaResources = {
  network: 'network_networks',
  subnet: 'network_subnets',
  subnetpool: 'network_subnetpools',
  port: 'network_ports',
  router: 'network_routers',
  router_route: null,
  floatingip: 'network_floatingips',
  security_group: 'network_security_groups',
  security_group_rule: 'network_security_group_rules',
  rbac_policy: 'network_rbac_policies',
} as const;

/** A key of quota bodies, and of the settings' default limits. */
export type QuotaResource = keyof typeof quotaResources;

/** Every key a quota body may have and an answer does have. */
export const quotaNames = Object.keys(quotaResources) as readonly QuotaResource[];
