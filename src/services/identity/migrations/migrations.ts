import type { Migration } from '#kit/db/migrations.ts';

import { catalogMigration } from './0001-catalog.ts';
import { resourcesAndActorsMigration } from './0002-resources-and-actors.ts';
import { rolesAndAssignmentsMigration } from './0003-roles-and-assignments.ts';
import { tokensMigration } from './0004-tokens.ts';
import { applicationCredentialsMigration } from './0005-application-credentials.ts';
import { trustsMigration } from './0006-trusts.ts';
import { credentialsAndPoliciesMigration } from './0007-credentials-and-policies.ts';
import { endpointFiltersMigration } from './0008-endpoint-filters.ts';
import { unifiedLimitsMigration } from './0009-unified-limits.ts';
import { domainConfigsMigration } from './0010-domain-configs.ts';
import { oauthMigration } from './0011-oauth.ts';

/** Every change of Identity's tables, in the order they were made. */
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
  oauthMigration,
];
