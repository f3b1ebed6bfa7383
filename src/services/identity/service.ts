import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';

import { AccessRuleStore } from './access-rules/store.ts';
import { ApplicationCredentialStore } from './application-credentials/store.ts';
import { EffectiveRoles } from './assignments/effective.ts';
import { AssignmentStore } from './assignments/store.ts';
import { Authenticator } from './authentication/authenticate.ts';
import { Lookup } from './authentication/lookup.ts';
import { ServiceStore } from './catalog-services/store.ts';
import { Catalog } from './catalog/catalog.ts';
import { Changes } from './changes.ts';
import { fernetCipher } from './credentials/cipher.ts';
import { CredentialStore } from './credentials/store.ts';
import { DomainConfigStore } from './domain-configs/store.ts';
import { EndpointFilterStore } from './endpoint-filters/store.ts';
import { EndpointGroupStore } from './endpoint-groups/store.ts';
import { EndpointStore } from './endpoints/store.ts';
import { GroupStore } from './groups/store.ts';
import { LimitStore } from './limits/store.ts';
import { ConsumerStore } from './oauth-consumers/store.ts';
import { OauthTokenStore } from './oauth-tokens/store.ts';
import type { identityOptions } from './options.ts';
import { PasswordHasher } from './passwords/hasher.ts';
import { KnownPasswords } from './passwords/known-passwords.ts';
import { PolicyStore } from './policies/store.ts';
import { ProjectStore } from './projects/store.ts';
import { RegionStore } from './regions/store.ts';
import { RegisteredLimitStore } from './registered-limits/store.ts';
import { Remembered } from './remembered.ts';
import { Revocations } from './revocations/revocations.ts';
import { RevocationStore } from './revocations/store.ts';
import { RoleGraph } from './roles/graph.ts';
import { RoleStore } from './roles/store.ts';
import { KeyRepository } from './tokens/keys.ts';
import { TokenProvider } from './tokens/provider.ts';
import { TokenResolver } from './tokens/resolver.ts';
import { TrustStore } from './trusts/store.ts';
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
  readonly oauthConsumers: ConsumerStore;
  readonly oauthTokens: OauthTokenStore;
  readonly policies: PolicyStore;
  readonly registeredLimits: RegisteredLimitStore;
  readonly limits: LimitStore;
  readonly revocationEvents: RevocationStore;

  readonly roleGraph: Remembered<RoleGraph>;
  readonly effectiveRoles: EffectiveRoles;
  readonly catalog: Catalog;
  readonly revocations: Revocations;
  readonly tokenKeys: KeyRepository;
  readonly tokens: TokenProvider;
  readonly authenticator: Authenticator;

  /** How long a token lives, in milliseconds. */
  readonly tokenLifetime: number;
  /** How much longer than its life a token may be validated with `allow_expired`, in milliseconds. */
  readonly allowExpiredWindow: number;

  constructor(parts: IdentityParts) {
    const { database, clock, options } = parts;
    this.clock = clock;
    this.options = options;
    this.changes = new Changes(database, clock);
    this.hasher = new PasswordHasher(
      options.password_hash_rounds,
      new KnownPasswords(clock, options.password_cache_time * 1000),
    );
    this.allowExpiredWindow = options.allow_expired_window * 1000;
    this.tokenLifetime = options.token_lifetime * 1000;

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
    this.oauthConsumers = new ConsumerStore(database.tables(), cipher);
    this.oauthTokens = new OauthTokenStore(database.tables(), cipher);
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

    this.tokenKeys = new KeyRepository(parts.keyDirectory, options.max_active_keys);
    this.tokenKeys.open();
    const resolver = new TokenResolver({ ...this, revocations: this.revocationEvents });
    const { changes, tokenKeys: keys, tokenLifetime: lifetime } = this;
    this.tokens = new TokenProvider({ clock, changes, keys, resolver, lifetime });
    const lookup = new Lookup(this.users, this.projects);
    this.authenticator = new Authenticator({ ...this, lookup, lifetime });
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
