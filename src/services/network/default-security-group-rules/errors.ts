import { conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron/extensions/security_groups_default_rules.py */

export const defaultRuleNotFound = (id: string) =>
  notFound(`Default Security Group rule ${id} does not exist`, { type: 'DefaultSecurityGroupRuleNotFound' });

export const defaultRuleExists = (id: string) =>
  conflict(`Default Security Group rule already exists. Rule id is ${id}.`, {
    type: 'DefaultSecurityGroupRuleExists',
  });
