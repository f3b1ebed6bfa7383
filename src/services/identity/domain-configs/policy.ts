import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, anyScope, systemOrProject } from '../policy.ts';

/**
 * keystone/common/policies/domain_config.py. As for most that belongs to no domain, but the rules for passwords are
 * told everybody who must choose one.
 */
export const domainConfigPolicies = [
  rule('identity:create_domain_config', adminRequired, 'Create domain configuration.', systemOrProject),
  rule(
    'identity:get_domain_config',
    adminOrSystemReader,
    'Get the configuration of a domain, or a part of it.',
    systemOrProject,
  ),
  rule(
    'identity:get_security_compliance_domain_config',
    '',
    'Get security compliance domain configuration.',
    anyScope,
  ),
  rule(
    'identity:update_domain_config',
    adminRequired,
    'Update the configuration of a domain, or a part of it.',
    systemOrProject,
  ),
  rule(
    'identity:delete_domain_config',
    adminRequired,
    'Delete the configuration of a domain, or a part of it.',
    systemOrProject,
  ),
  rule(
    'identity:get_domain_config_default',
    adminOrSystemReader,
    'Get what applies to a domain without configuration, or a part of it.',
    systemOrProject,
  ),
];
