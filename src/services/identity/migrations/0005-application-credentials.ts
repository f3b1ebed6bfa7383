import type { Migration } from '#kit/db/migrations.ts';

/** Application credentials, the roles each carries, and the access rules that narrow them. */
export const applicationCredentialsMigration: Migration = {
  name: 'identity/0005-application-credentials',
  async up(db) {
    await db.schema
      .createTable('identity_application_credentials')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull().references('identity_users.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('secret_hash', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      // in microseconds, since callers get back what they gave
      .addColumn('expires_at_micros', 'bigint')
      .addColumn('unrestricted', 'integer', (c) => c.notNull())
      .addUniqueConstraint('identity_application_credentials_name', ['user_id', 'name'])
      .execute();
    await db.schema
      .createIndex('identity_application_credentials_project')
      .on('identity_application_credentials')
      .column('project_id')
      .execute();
    await db.schema
      .createTable('identity_application_credential_roles')
      .addColumn('application_credential_id', 'text', (c) =>
        c.notNull().references('identity_application_credentials.id').onDelete('cascade'),
      )
      .addColumn('role_id', 'text', (c) => c.notNull().references('identity_roles.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('identity_application_credential_roles_key', [
        'application_credential_id',
        'role_id',
      ])
      .execute();
    await db.schema
      .createTable('identity_access_rules')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('identity_users.id').onDelete('cascade'))
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('method', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_access_rules_rule', ['user_id', 'service', 'path', 'method'])
      .execute();
    await db.schema
      .createTable('identity_application_credential_access_rules')
      .addColumn('application_credential_id', 'text', (c) =>
        c.notNull().references('identity_application_credentials.id').onDelete('cascade'),
      )
      .addColumn('access_rule_id', 'text', (c) => c.notNull().references('identity_access_rules.id'))
      .addPrimaryKeyConstraint('identity_application_credential_access_rules_key', [
        'application_credential_id',
        'access_rule_id',
      ])
      .execute();
  },
};
