/** What the proxy needs of a rule as Network shows it. */
export interface RuleOnWire {
  readonly id: string;
  readonly security_group_id: string;
  readonly direction: 'ingress' | 'egress';
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_group_id: string | null;
  readonly remote_ip_prefix: string | null;
}

/** What the proxy needs of a security group as Network shows it. */
export interface GroupOnWire {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly project_id: string;
  readonly security_group_rules: readonly RuleOnWire[];
}

/** A group that rules speak of, by its id. */
export type GroupNames = ReadonlyMap<string, Pick<GroupOnWire, 'name' | 'project_id'>>;

/** What a rule lets in, in Compute's terms. */
export interface Permission {
  readonly protocol: string | null;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  /** A group whose members may send, or null: any sender in `cidr`. */
  readonly groupId: string | null;
  readonly cidr: string;
}

/** Compute's rules name all ports where Network's name none. */
export function permissionOf(rule: RuleOnWire): Permission {
  const { protocol, port_range_min: first, port_range_max: last } = rule;
  const sender = { groupId: rule.remote_group_id, cidr: rule.remote_ip_prefix ?? '0.0.0.0/0' };
  if (protocol === null || first !== null || last !== null)
    return { protocol, fromPort: first, toPort: last, ...sender };
  const portless = !['TCP', 'UDP'].includes(protocol.toUpperCase());
  return { protocol, fromPort: portless ? -1 : 1, toPort: portless ? -1 : 65_535, ...sender };
}

/** A rule as Compute shows it; undefined when the group it speaks of is gone. */
export function viewRule(rule: RuleOnWire, names: GroupNames) {
  const { protocol, fromPort, toPort, groupId, cidr } = permissionOf(rule);
  const group = groupId === null ? undefined : names.get(groupId);
  if (groupId !== null && !group) return undefined;
  return {
    id: rule.id,
    parent_group_id: rule.security_group_id,
    ip_protocol: protocol,
    from_port: fromPort,
    to_port: toPort,
    group: group ? { name: group.name, tenant_id: group.project_id } : {},
    ip_range: group ? {} : { cidr },
  };
}

/** A group as Compute shows it: only with the rules for what comes in. */
export const viewSecurityGroup = (group: GroupOnWire, names: GroupNames) => ({
  id: group.id,
  description: group.description,
  name: group.name,
  tenant_id: group.project_id,
  rules: incomingRules(group)
    .map((rule) => viewRule(rule, names))
    .filter((rule) => rule !== undefined),
});

/** The rules Compute knows of: until 2.35 it had none for what guests send. */
export const incomingRules = (group: GroupOnWire): RuleOnWire[] =>
  group.security_group_rules.filter((rule) => rule.direction === 'ingress');
