import type { Api } from '#kit/http/api.ts';

import { accessRuleEndpoints } from './access-rules/api.ts';
import { accessRulePolicies } from './access-rules/policy.ts';
import { applicationCredentialEndpoints } from './application-credentials/api.ts';
import { applicationCredentialPolicies } from './application-credentials/policy.ts';
import { roleAssignmentEndpoints } from './assignments/api.ts';
import { grantEndpoints } from './assignments/grants-api.ts';
import { assignmentPolicies } from './assignments/policy.ts';
import { authScopeEndpoints } from './auth-scopes/api.ts';
import { authScopePolicies } from './auth-scopes/policy.ts';
import { serviceEndpoints } from './catalog-services/api.ts';
import { servicePolicies } from './catalog-services/policy.ts';
import { credentialEndpoints } from './credentials/api.ts';
import { credentialPolicies } from './credentials/policy.ts';
import { discoveryEndpoints } from './discovery/api.ts';
import { unrouted } from './discovery/unrouted.ts';
import { domainConfigEndpoints } from './domain-configs/api.ts';
import { domainConfigPolicies } from './domain-configs/policy.ts';
import { domainEndpoints } from './domains/api.ts';
import { domainPolicies } from './domains/policy.ts';
import { ec2CredentialEndpoints } from './ec2-credentials/api.ts';
import { ec2CredentialPolicies } from './ec2-credentials/policy.ts';
import { endpointFilterEndpoints } from './endpoint-filters/api.ts';
import { endpointFilterPolicies } from './endpoint-filters/policy.ts';
import { endpointGroupEndpoints } from './endpoint-groups/api.ts';
import { endpointGroupPolicies } from './endpoint-groups/policy.ts';
import { endpointEndpoints } from './endpoints/api.ts';
import { endpointPolicies } from './endpoints/policy.ts';
import { identityFaults } from './faults.ts';
import { groupEndpoints } from './groups/api.ts';
import { groupPolicies } from './groups/policy.ts';
import { impliedRoleEndpoints } from './implied-roles/api.ts';
import { impliedRolePolicies } from './implied-roles/policy.ts';
import { limitEndpoints } from './limits/api.ts';
import { limitPolicies } from './limits/policy.ts';
import { oauthConsumerEndpoints } from './oauth-consumers/api.ts';
import { oauthConsumerPolicies } from './oauth-consumers/policy.ts';
import { oauthTokenEndpoints } from './oauth-tokens/api.ts';
import { oauthTokenPolicies } from './oauth-tokens/policy.ts';
import { policyEndpoints } from './policies/api.ts';
import { policyPolicies } from './policies/policy.ts';
import { basePolicies, identityPolicyChecks } from './policy.ts';
import { projectEndpoints } from './projects/api.ts';
import { projectPolicies } from './projects/policy.ts';
import { regionEndpoints } from './regions/api.ts';
import { regionPolicies } from './regions/policy.ts';
import { registeredLimitEndpoints } from './registered-limits/api.ts';
import { registeredLimitPolicies } from './registered-limits/policy.ts';
import { revocationEndpoints } from './revocations/api.ts';
import { revocationPolicies } from './revocations/policy.ts';
import { roleEndpoints } from './roles/api.ts';
import { rolePolicies } from './roles/policy.ts';
import type { Identity } from './service.ts';
import { tokenEndpoints } from './tokens/api.ts';
import { tokenPolicies } from './tokens/policy.ts';
import { trustEndpoints } from './trusts/api.ts';
import { trustPolicies } from './trusts/policy.ts';
import { userEndpoints } from './users/api.ts';
import { userPolicies } from './users/policy.ts';

/** Identity's API: every endpoint, who may call it, and how it speaks. */
export const identityApi: Api<Identity> = {
  type: 'identity',
  project: 'keystone',
  port: 5000,
  prefixes: ['/v3'],
  headLikeGet: true,
  rootEndpoints: discoveryEndpoints,
  unrouted,
  endpoints: [
    ...tokenEndpoints,
    ...authScopeEndpoints,
    ...applicationCredentialEndpoints,
    ...accessRuleEndpoints,
    ...trustEndpoints,
    ...credentialEndpoints,
    ...ec2CredentialEndpoints,
    ...oauthConsumerEndpoints,
    ...oauthTokenEndpoints,
    ...policyEndpoints,
    ...registeredLimitEndpoints,
    ...limitEndpoints,
    ...serviceEndpoints,
    ...endpointEndpoints,
    ...endpointGroupEndpoints,
    ...endpointFilterEndpoints,
    ...regionEndpoints,
    ...domainEndpoints,
    ...domainConfigEndpoints,
    ...projectEndpoints,
    ...userEndpoints,
    ...groupEndpoints,
    ...roleEndpoints,
    ...impliedRoleEndpoints,
    ...grantEndpoints,
    ...roleAssignmentEndpoints,
    ...revocationEndpoints,
  ],
  policies: [
    ...basePolicies,
    ...tokenPolicies,
    ...authScopePolicies,
    ...applicationCredentialPolicies,
    ...accessRulePolicies,
    ...trustPolicies,
    ...credentialPolicies,
    ...ec2CredentialPolicies,
    ...oauthConsumerPolicies,
    ...oauthTokenPolicies,
    ...policyPolicies,
    ...registeredLimitPolicies,
    ...limitPolicies,
    ...servicePolicies,
    ...endpointPolicies,
    ...endpointGroupPolicies,
    ...endpointFilterPolicies,
    ...regionPolicies,
    ...domainPolicies,
    ...domainConfigPolicies,
    ...projectPolicies,
    ...userPolicies,
    ...groupPolicies,
    ...rolePolicies,
    ...impliedRolePolicies,
    ...assignmentPolicies,
    ...revocationPolicies,
  ],
  policyChecks: identityPolicyChecks,
  faults: identityFaults,
  headers: () => ({ vary: 'X-Auth-Token' }),
};
