/** What is limited per project, and the table whose rows are counted. */
export const quotaResources = {
  network: 'network_networks',
  subnet: 'network_subnets',
  port: 'network_ports',
  security_group: 'network_security_groups',
  security_group_rule: 'network_security_group_rules',
  rbac_policy: 'network_rbac_policies',
} as const;

export type QuotaResource = keyof typeof quotaResources;
