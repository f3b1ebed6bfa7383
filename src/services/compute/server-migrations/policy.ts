import { rule } from '#kit/auth/policy.ts';

import { admin, projectManagerOrAdmin } from '../policy.ts';

const guards = (name: string, check: string, description: string) =>
  rule(`os_compute_api:${name}`, check, description, ['project']);

/** nova/policies/migrations.py and servers_migrations.py */
export const serverMigrationPolicies = [
  guards('os-migrations:index', projectManagerOrAdmin, 'List migrations.'),
  guards('os-migrations:index:all_projects', admin, 'List the migrations of every project.'),
  guards('os-migrations:index:host', admin, 'See between which hosts servers migrate.'),
  guards('servers:migrations:index', projectManagerOrAdmin, "List a server's live migrations."),
  guards('servers:migrations:show', admin, "Show a server's live migration."),
  guards('servers:migrations:force_complete', projectManagerOrAdmin, 'Hurry a live migration.'),
  guards('servers:migrations:delete', projectManagerOrAdmin, 'Call a live migration off.'),
];
