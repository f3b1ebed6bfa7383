import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrMember, adminOrReader } from '../policy.ts';

/**
 * neutron/conf/policies/router.py: a project's members make and wire its routers; which address a gateway has, and
 * whether it translates, is up to administrators.
 */
export const routerPolicies = [
  ...['create', 'update'].flatMap((action) => [
    rule(`${action}_router`, adminOrMember, `May ${action} a router.`, ['project']),
    rule(`${action}_router:ha`, adminOnly, `May ${action} a router with \`ha\`.`, ['project']),
    rule(`${action}_router:external_gateway_info`, adminOrMember, `May ${action} a router with a gateway.`, [
      'project',
    ]),
    rule(
      `${action}_router:external_gateway_info:network_id`,
      adminOrMember,
      `May ${action} a router with the network of its gateway.`,
      ['project'],
    ),
    ...['enable_snat', 'external_fixed_ips'].map((name) =>
      rule(
        `${action}_router:external_gateway_info:${name}`,
        adminOnly,
        `May ${action} a router with \`${name}\` of its gateway.`,
        ['project'],
      ),
    ),
    rule(`${action}_router:tags`, adminOrMember, `May ${action} router tags.`, ['project']),
  ]),
  rule('get_router', adminOrReader, 'Show routers.', ['project']),
  rule('get_router:ha', adminOnly, 'See `ha` of routers.', ['project']),
  rule('get_router:tags', adminOrReader, 'Show router tags.', ['project']),
  rule('delete_router', adminOrMember, 'Delete a router.', ['project']),
  rule('delete_router:tags', adminOrMember, 'Delete router tags.', ['project']),
  rule('add_router_interface', adminOrMember, 'Add an interface to a router.', ['project']),
  rule('remove_router_interface', adminOrMember, 'Remove an interface from a router.', ['project']),
  rule('add_extraroutes', adminOrMember, 'Add extra routes to a router.', ['project']),
  rule('remove_extraroutes', adminOrMember, 'Remove extra routes from a router.', ['project']),
];
