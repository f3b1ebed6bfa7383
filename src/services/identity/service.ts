import type { IdentityContract } from '#contracts/identity.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';
import type { Api } from '#kit/http/api.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { accessRuleEndpoints } from './access-rules/api.ts';
import { accessRulePolicies } from './access-rules/policy.ts';
import { AccessRuleStore } from './access-rules/store.ts';
import { applicationCredentialEndpoints } from './application-credentials/api.ts';
import { applicationCredentialPolicies } from './application-credentials/policy.ts';
import { ApplicationCredentialStore } from './application-credentials/store.ts';
import { roleAssignmentEndpoints } from './assignments/api.ts';
import { EffectiveRoles } from './assignments/effective.ts';
import { grantEndpoints } from './assignments/grants-api.ts';
import { assignmentPolicies } from './assignments/policy.ts';
import { AssignmentStore } from './assignments/store.ts';
import { authScopeEndpoints } from './auth-scopes/api.ts';
import { authScopePolicies } from './auth-scopes/policy.ts';
import { Authenticator } from './authentication/authenticate.ts';
import { Lookup } from './authentication/lookup.ts';
import { type Bootstrap, bootstrap } from './bootstrap.ts';
import { serviceEndpoints } from './catalog-services/api.ts';
import { servicePolicies } from './catalog-services/policy.ts';
import { ServiceStore } from './catalog-services/store.ts';
import { Catalog } from './catalog/catalog.ts';
import { Changes } from './changes.ts';
import { identityContract } from './contract.ts';
import { credentialEndpoints } from './credentials/api.ts';
import { fernetCipher } from './credentials/cipher.ts';
import { credentialPolicies } from './credentials/policy.ts';
import { CredentialStore } from './credentials/store.ts';
import { discoveryEndpoints } from './discovery/api.ts';
import { domainConfigEndpoints } from './domain-configs/api.ts';
import { domainConfigPolicies } from './domain-configs/policy.ts';
import { DomainConfigStore } from './domain-configs/store.ts';
import { domainEndpoints } from './domains/api.ts';
import { domainPolicies } from './domains/policy.ts';
import { ec2CredentialEndpoints } from './ec2-credentials/api.ts';
import { ec2CredentialPolicies } from './ec2-credentials/policy.ts';
import { endpointFilterEndpoints } from './endpoint-filters/api.ts';
import { endpointFilterPolicies } from './endpoint-filters/policy.ts';
import { EndpointFilterStore } from './endpoint-filters/store.ts';
import { endpointGroupEndpoints } from './endpoint-groups/api.ts';
import { endpointGroupPolicies } from './endpoint-groups/policy.ts';
import { EndpointGroupStore } from './endpoint-groups/store.ts';
import { endpointEndpoints } from './endpoints/api.ts';
import { endpointPolicies } from './endpoints/policy.ts';
import { EndpointStore } from './endpoints/store.ts';
import { identityFaults } from './faults.ts';
import { groupEndpoints } from './groups/api.ts';
import { groupPolicies } from './groups/policy.ts';
import { GroupStore } from './groups/store.ts';
import { impliedRoleEndpoints } from './implied-roles/api.ts';
import { impliedRolePolicies } from './implied-roles/policy.ts';
import { limitEndpoints } from './limits/api.ts';
import { limitPolicies } from './limits/policy.ts';
import { LimitStore } from './limits/store.ts';
import { pruneRevocations } from './loops/prune-revocations.ts';
import { rotateKeys } from './loops/rotate-keys.ts';
import { catalogMigration } from './migrations/0001-catalog.ts';
import { resourcesAndActorsMigration } from './migrations/0002-resources-and-actors.ts';
import { rolesAndAssignmentsMigration } from './migrations/0003-roles-and-assignments.ts';
import { tokensMigration } from './migrations/0004-tokens.ts';
import { applicationCredentialsMigration } from './migrations/0005-application-credentials.ts';
import { trustsMigration } from './migrations/0006-trusts.ts';
import { credentialsAndPoliciesMigration } from './migrations/0007-credentials-and-policies.ts';
import { endpointFiltersMigration } from './migrations/0008-endpoint-filters.ts';
import { unifiedLimitsMigration } from './migrations/0009-unified-limits.ts';
import { domainConfigsMigration } from './migrations/0010-domain-configs.ts';
import type { identityOptions } from './options.ts';
import { PasswordHasher } from './passwords/hasher.ts';
import { policyEndpoints } from './policies/api.ts';
import { policyPolicies } from './policies/policy.ts';
import { PolicyStore } from './policies/store.ts';
import { basePolicies, identityPolicyChecks } from './policy.ts';
import { projectEndpoints } from './projects/api.ts';
import { projectPolicies } from './projects/policy.ts';
import { ProjectStore } from './projects/store.ts';
import { regionEndpoints } from './regions/api.ts';
import { regionPolicies } from './regions/policy.ts';
import { RegionStore } from './regions/store.ts';
import { registeredLimitEndpoints } from './registered-limits/api.ts';
import { registeredLimitPolicies } from './registered-limits/policy.ts';
import { RegisteredLimitStore } from './registered-limits/store.ts';
import { Remembered } from './remembered.ts';
import { revocationEndpoints } from './revocations/api.ts';
import { revocationPolicies } from './revocations/policy.ts';
import { Revocations } from './revocations/revocations.ts';
import { RevocationStore } from './revocations/store.ts';
import { roleEndpoints } from './roles/api.ts';
import { RoleGraph } from './roles/graph.ts';
import { rolePolicies } from './roles/policy.ts';
import { RoleStore } from './roles/store.ts';
import { tokenEndpoints } from './tokens/api.ts';
import { KeyRepository } from './tokens/keys.ts';
import { tokenPolicies } from './tokens/policy.ts';
import { TokenProvider } from './tokens/provider.ts';
import { TokenResolver } from './tokens/resolver.ts';
import { trustEndpoints } from './trusts/api.ts';
import { trustPolicies } from './trusts/policy.ts';
import { TrustStore } from './trusts/store.ts';
import { userEndpoints } from './users/api.ts';
import { userPolicies } from './users/policy.ts';
import { UserStore } from './users/store.ts';

/** What Identity needs from outside. */
export interface IdentityParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly options: Values<typeof identityOptions>;
  /** Absolute path of the directory of tokens' keys; made when missing. Control processes on one database share it. */
  readonly keyDirectory: string;
  /** The same for the keys that encrypt credentials. They are never rotated: what they encrypted is kept. */
  readonly credentialKeyDirectory: string;
}

/** The Identity service (Keystone): what its endpoints work with. */
export class Identity {
  readonly clock: Clock;
  readonly options: Values<typeof identityOptions>;
  readonly changes: Changes;
  readonly hasher: PasswordHasher;

  readonly regions: RegionStore;
  readonly services: ServiceStore;
  readonly endpoints: EndpointStore;
  readonly endpointGroups: EndpointGroupStore;
  readonly endpointFilters: EndpointFilterStore;
  readonly domainConfigs: DomainConfigStore;
  readonly projects: ProjectStore;
  readonly users: UserStore;
  readonly groups: GroupStore;
  readonly roles: RoleStore;
  readonly assignments: AssignmentStore;
  readonly applicationCredentials: ApplicationCredentialStore;
  readonly accessRules: AccessRuleStore;
  readonly trusts: TrustStore;
  readonly credentials: CredentialStore;
  readonly policies: PolicyStore;
  readonly registeredLimits: RegisteredLimitStore;
  readonly limits: LimitStore;
  readonly revocationEvents: RevocationStore;

  readonly roleGraph: Remembered<RoleGraph>;
  readonly effectiveRoles: EffectiveRoles;
  readonly catalog: Catalog;
  readonly revocations: Revocations;
  readonly tokens: TokenProvider;
  readonly authenticator: Authenticator;

  /** How much longer than its life a token may be validated with `allow_expired`, in milliseconds. */
  readonly allowExpiredWindow: number;
  /** What other services are given of Identity. */
  readonly contract: IdentityContract;
  readonly loops: readonly Loop[];

  constructor(parts: IdentityParts) {
    const { database, clock, options } = parts;
    this.clock = clock;
    this.options = options;
    this.changes = new Changes(database, clock);
    this.hasher = new PasswordHasher(options.password_hash_rounds);
    this.allowExpiredWindow = options.allow_expired_window * 1000;
    const lifetime = options.token_lifetime * 1000;

    this.regions = new RegionStore(database.tables());
    this.services = new ServiceStore(database.tables());
    this.endpoints = new EndpointStore(database.tables());
    this.endpointGroups = new EndpointGroupStore(database.tables());
    this.endpointFilters = new EndpointFilterStore(database.tables());
    this.projects = new ProjectStore(database.tables());
    this.users = new UserStore(database.tables());
    this.groups = new GroupStore(database.tables());
    this.roles = new RoleStore(database.tables());
    this.assignments = new AssignmentStore(database.tables());
    this.applicationCredentials = new ApplicationCredentialStore(database.tables());
    this.accessRules = new AccessRuleStore(database.tables());
    const credentialKeys = new KeyRepository(parts.credentialKeyDirectory, options.max_active_keys);
    credentialKeys.open();
    const cipher = fernetCipher(credentialKeys, clock);
    this.credentials = new CredentialStore(database.tables(), cipher);
    this.domainConfigs = new DomainConfigStore(database.tables(), cipher);
    this.policies = new PolicyStore(database.tables());
    this.registeredLimits = new RegisteredLimitStore(database.tables());
    this.limits = new LimitStore(database.tables());
    this.trusts = new TrustStore(database.tables());
    this.revocationEvents = new RevocationStore(database.tables());

    this.roleGraph = new Remembered(
      this.changes,
      async () => new RoleGraph(await this.roles.list({}), await this.roles.implications()),
    );
    this.effectiveRoles = new EffectiveRoles(this);
    this.catalog = new Catalog(this);
    this.revocations = new Revocations(this.revocationEvents, this.changes, clock);

    const keys = new KeyRepository(parts.keyDirectory, options.max_active_keys);
    keys.open();
    const resolver = new TokenResolver({ ...this, revocations: this.revocationEvents });
    this.tokens = new TokenProvider({ clock, changes: this.changes, keys, resolver, lifetime });
    const lookup = new Lookup(this.users, this.projects);
    this.authenticator = new Authenticator({ ...this, lookup, lifetime });

    this.contract = identityContract(this.tokens, this.projects);
    this.loops = [
      rotateKeys(keys, clock, options.key_rotation_hours * 3_600_000),
      pruneRevocations(this.revocationEvents, clock, lifetime + this.allowExpiredWindow),
    ];
  }

  /** Makes what every cloud starts with; harmless when it is there, but sets the administrator's password. */
  bootstrap(wanted: Bootstrap): Promise<void> {
    return bootstrap(this, wanted);
  }

  /** Whether any of these regions has endpoints. */
  async hasEndpointsIn(regions: readonly string[]): Promise<boolean> {
    return (await this.endpoints.list({ regionIds: regions }, { limit: 1 })).length > 0;
  }

  /** Whether there are registered limits for any of these regions. */
  async hasLimitsIn(regions: readonly string[]): Promise<boolean> {
    return (await this.registeredLimits.list({ regionIds: regions }, { limit: 1 })).length > 0;
  }
}

export const identityMigrations: readonly Migration[] = [
  catalogMigration,
  resourcesAndActorsMigration,
  rolesAndAssignmentsMigration,
  tokensMigration,
  applicationCredentialsMigration,
  trustsMigration,
  credentialsAndPoliciesMigration,
  endpointFiltersMigration,
  unifiedLimitsMigration,
  domainConfigsMigration,
];

export const identityApi: Api<Identity> = {
  type: 'identity',
  project: 'keystone',
  port: 5000,
  prefixes: ['/v3'],
  headLikeGet: true,
  rootEndpoints: discoveryEndpoints,
  endpoints: [
    ...tokenEndpoints,
    ...authScopeEndpoints,
    ...applicationCredentialEndpoints,
    ...accessRuleEndpoints,
    ...trustEndpoints,
    ...credentialEndpoints,
    ...ec2CredentialEndpoints,
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
