import type { Api } from '#kit/http/api.ts';

import { aggregateEndpoints } from './aggregates/api.ts';
import { aggregatePolicies, zonePolicies } from './aggregates/policy.ts';
import { zoneEndpoints } from './availability-zones/api.ts';
import { serviceEndpoints } from './compute-services/api.ts';
import { servicePolicies } from './compute-services/policy.ts';
import { consoleEndpoints } from './consoles/api.ts';
import { consolePolicies } from './consoles/policy.ts';
import { discoveryEndpoints, versionEndpoints } from './discovery/api.ts';
import { unrouted } from './discovery/unrouted.ts';
import { extensionEndpoints, extensionPolicies } from './extensions/api.ts';
import { computeFaults } from './faults.ts';
import { flavorAccessEndpoints } from './flavor-access/api.ts';
import { flavorExtraSpecEndpoints } from './flavor-extra-specs/api.ts';
import { flavorEndpoints } from './flavors/api.ts';
import { flavorPolicies } from './flavors/policy.ts';
import { floatingIpEndpoints } from './floating-ips/api.ts';
import { floatingIpPolicies } from './floating-ips/policy.ts';
import { hostEndpoints } from './hosts/api.ts';
import { hostPolicies } from './hosts/policy.ts';
import { hypervisorEndpoints } from './hypervisors/api.ts';
import { hypervisorPolicies } from './hypervisors/policy.ts';
import { imageMetadataEndpoints } from './image-metadata/api.ts';
import { imageEndpoints } from './images/api.ts';
import { instanceActionEndpoints } from './instance-actions/api.ts';
import { instanceActionPolicies } from './instance-actions/policy.ts';
import { interfaceEndpoints } from './interfaces/api.ts';
import { interfacePolicies } from './interfaces/policy.ts';
import { keypairEndpoints } from './keypairs/api.ts';
import { keypairPolicies } from './keypairs/policy.ts';
import { limitEndpoints } from './limits/api.ts';
import { limitPolicies } from './limits/policy.ts';
import { networkEndpoints } from './networks/api.ts';
import { networkPolicies } from './networks/policy.ts';
import { basePolicies } from './policy.ts';
import { quotaClassEndpoints } from './quota-classes/api.ts';
import { quotaEndpoints } from './quotas/api.ts';
import { quotaClassPolicies, quotaPolicies } from './quotas/policy.ts';
import { removedEndpoints } from './removed/api.ts';
import { securityGroupEndpoints } from './security-groups/api.ts';
import { securityGroupPolicies } from './security-groups/policy.ts';
import { serverActionEndpoints } from './server-actions/api.ts';
import { serverActionPolicies } from './server-actions/policy.ts';
import { serverDiagnosticsEndpoints } from './server-diagnostics/api.ts';
import { serverDiagnosticsPolicies } from './server-diagnostics/policy.ts';
import { serverExternalEventEndpoints } from './server-external-events/api.ts';
import { serverExternalEventPolicies } from './server-external-events/policy.ts';
import { serverGroupEndpoints } from './server-groups/api.ts';
import { serverGroupPolicies } from './server-groups/policy.ts';
import { serverIpEndpoints } from './server-ips/api.ts';
import { serverIpPolicies } from './server-ips/policy.ts';
import { serverMetadataEndpoints } from './server-metadata/api.ts';
import { serverMetadataPolicies } from './server-metadata/policy.ts';
import { serverMigrationEndpoints } from './server-migrations/api.ts';
import { serverMigrationPolicies } from './server-migrations/policy.ts';
import { serverPasswordEndpoints } from './server-passwords/api.ts';
import { serverPasswordPolicies } from './server-passwords/policy.ts';
import { serverTagEndpoints } from './server-tags/api.ts';
import { serverTagPolicies } from './server-tags/policy.ts';
import { serverTopologyEndpoints } from './server-topology/api.ts';
import { serverTopologyPolicies } from './server-topology/policy.ts';
import { serverEndpoints } from './servers/api.ts';
import { serverPolicies } from './servers/policy.ts';
import type { Compute } from './service.ts';
import { usageAuditLogEndpoints } from './usage-audit-logs/api.ts';
import { usageAuditLogPolicies } from './usage-audit-logs/policy.ts';
import { usageEndpoints } from './usage/api.ts';
import { usagePolicies } from './usage/policy.ts';
import { computeMicroversions } from './versions.ts';
import { volumesBootEndpoints } from './volumes-boot/api.ts';

/** Everything Compute answers, noun by noun. */
export const computeApi: Api<Compute> = {
  type: 'compute',
  project: 'nova',
  port: 8774,
  prefixes: ['/v2.1', '/v2'],
  strictSlash: true,
  rootEndpoints: discoveryEndpoints,
  unrouted,
  endpoints: [
    ...versionEndpoints,
    ...serverEndpoints,
    ...serverActionEndpoints,
    ...volumesBootEndpoints,
    ...instanceActionEndpoints,
    ...interfaceEndpoints,
    ...serverDiagnosticsEndpoints,
    ...serverIpEndpoints,
    ...serverMetadataEndpoints,
    ...serverMigrationEndpoints,
    ...serverPasswordEndpoints,
    ...serverTagEndpoints,
    ...serverTopologyEndpoints,
    ...consoleEndpoints,
    ...flavorEndpoints,
    ...flavorExtraSpecEndpoints,
    ...flavorAccessEndpoints,
    ...keypairEndpoints,
    ...serverGroupEndpoints,
    ...serverExternalEventEndpoints,
    ...aggregateEndpoints,
    ...zoneEndpoints,
    ...serviceEndpoints,
    ...hypervisorEndpoints,
    ...hostEndpoints,
    ...quotaEndpoints,
    ...quotaClassEndpoints,
    ...limitEndpoints,
    ...usageEndpoints,
    ...usageAuditLogEndpoints,
    ...imageEndpoints,
    ...imageMetadataEndpoints,
    ...networkEndpoints,
    ...floatingIpEndpoints,
    ...securityGroupEndpoints,
    ...extensionEndpoints,
    ...removedEndpoints,
  ],
  policies: [
    ...basePolicies,
    ...serverPolicies,
    ...serverActionPolicies,
    ...instanceActionPolicies,
    ...interfacePolicies,
    ...serverDiagnosticsPolicies,
    ...serverIpPolicies,
    ...serverMetadataPolicies,
    ...serverMigrationPolicies,
    ...serverPasswordPolicies,
    ...serverTagPolicies,
    ...serverTopologyPolicies,
    ...consolePolicies,
    ...flavorPolicies,
    ...keypairPolicies,
    ...serverGroupPolicies,
    ...serverExternalEventPolicies,
    ...aggregatePolicies,
    ...zonePolicies,
    ...servicePolicies,
    ...hypervisorPolicies,
    ...hostPolicies,
    ...quotaPolicies,
    ...quotaClassPolicies,
    ...limitPolicies,
    ...usagePolicies,
    ...usageAuditLogPolicies,
    ...networkPolicies,
    ...floatingIpPolicies,
    ...securityGroupPolicies,
    ...extensionPolicies,
  ],
  faults: computeFaults,
  microversions: computeMicroversions,
  headers: (requestId) => ({ 'x-compute-request-id': requestId }),
  // Nova still takes the project's id between version and resource
  rewritePath: (path) =>
    path.replace(/^\/(v2(?:\.1)?)\/[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?=\/)/, '/$1'),
};
