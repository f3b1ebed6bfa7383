import type { WantedRule, WantedSecurityGroup } from '../driver.ts';
import { derivedUuid, dropGroupName, dropGroupUuid, owned, portGroupName } from './names.ts';
import type { NorthboundChange } from './northbound.ts';
import { ruleMatch } from './rule-match.ts';

const allowPriority = 1002;
const dropPriority = 1000;

/** A security group is a port group with one ACL per rule. Its address sets for remote groups are made by OVN. */
export function putSecurityGroup(change: NorthboundChange, group: WantedSecurityGroup): void {
  const name = portGroupName(group.id);
  for (const rule of group.rules)
    change.put('ACL', aclUuid(rule), {
      priority: allowPriority,
      direction: aclDirection[rule.direction],
      match: ruleMatch(rule, name),
      action: group.stateful ? 'allow-related' : 'allow-stateless',
      external_ids: { 'stratalith:security_group_rule_id': rule.id },
    });
  change.put('Port_Group', group.id, {
    name,
    acls: group.rules.map(aclUuid),
    external_ids: { [owned.securityGroup]: group.id },
  });
}

/** The port group takes its ACLs with it. */
export function removeSecurityGroup(change: NorthboundChange, id: string): void {
  change.delete('Port_Group', id);
}

/** The group of every port with port security: what no security group allows is dropped. */
export function putDropGroup(change: NorthboundChange): void {
  const directions: WantedRule['direction'][] = ['ingress', 'egress'];
  for (const direction of directions)
    change.put('ACL', dropAcl(direction), {
      priority: dropPriority,
      direction: aclDirection[direction],
      match: `${portField[direction]} == @${dropGroupName} && ip`,
      action: 'drop',
    });
  change.put('Port_Group', dropGroupUuid, { name: dropGroupName, acls: directions.map(dropAcl) });
}

/** A rule's id need not be a UUID: a rule about several addresses comes as several. */
const aclUuid = (rule: WantedRule): string => derivedUuid('rule', rule.id);
const dropAcl = (direction: WantedRule['direction']): string => derivedUuid('drop group', direction);
/** Ingress to the guest leaves the switch: `to-lport`. */
const aclDirection = { ingress: 'to-lport', egress: 'from-lport' } as const;
const portField = { ingress: 'outport', egress: 'inport' } as const;
