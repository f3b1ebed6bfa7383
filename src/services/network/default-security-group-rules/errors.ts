import { conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron/extensions/security_groups_default_rules.py */

/** For a template that is not there: 404. */
export const defaultRuleNotFound = (id: string) =>
  notFound(`Default Security Group rule ${id} does not exist`, { type: 'DefaultSecurityGroupRuleNotFound' });

/** When a new template matches what another of the same use does, however it is written: 409. */
export const defaultRuleExists = (id: string) =>
  conflict(`Default Security Group rule already exists. Rule id is ${id}.`, {
    type: 'DefaultSecurityGroupRuleExists',
  });
