import type { Kysely } from 'kysely';

import type { AnySchema, Migration } from '#kit/db/migrations.ts';
import { newUuid } from '#kit/ids/ids.ts';

/** Networks, subnets, ports and their addresses, security groups, and what every resource shares. */
export const layer2Migration: Migration = {
  name: 'network/0001-layer2',
  async up(db) {
    await networks(db);
    await rbacPolicies(db);
    await subnets(db);
    await ports(db);
    await ipAllocations(db);
    await securityGroups(db);
    await securityGroupRules(db);
    await defaultSecurityGroupRules(db);
    await portSecurityGroups(db);
    await tags(db);
    await quotas(db);
    await outbox(db);
  },
};

async function networks(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_networks')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('admin_state_up', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('mtu', 'integer', (c) => c.notNull())
    .addColumn('external', 'integer', (c) => c.notNull())
    .addColumn('is_default', 'integer', (c) => c.notNull())
    .addColumn('port_security_enabled', 'integer', (c) => c.notNull())
    .addColumn('dns_domain', 'text', (c) => c.notNull())
    .addColumn('network_type', 'text', (c) => c.notNull())
    .addColumn('physical_network', 'text', (c) => c.notNull())
    .addColumn('segmentation_id', 'integer', (c) => c.notNull())
    .addColumn('availability_zone_hints', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision_number', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('network_networks_project')
    .on('network_networks')
    .columns(['project_id', 'id'])
    .execute();
  await db.schema
    .createIndex('network_networks_segment')
    .unique()
    .on('network_networks')
    .columns(['network_type', 'physical_network', 'segmentation_id'])
    .execute();
}

async function rbacPolicies(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_rbac_policies')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('object_type', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target_project', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('network_rbac_policies_object')
    .unique()
    .on('network_rbac_policies')
    .columns(['object_id', 'action', 'target_project'])
    .execute();
  await db.schema
    .createIndex('network_rbac_policies_target')
    .on('network_rbac_policies')
    .columns(['target_project', 'object_type', 'action'])
    .execute();
  await db.schema
    .createIndex('network_rbac_policies_project')
    .on('network_rbac_policies')
    .columns(['project_id', 'id'])
    .execute();
}

async function subnets(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_subnets')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('network_id', 'text', (c) => c.notNull().references('network_networks.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('ip_version', 'integer', (c) => c.notNull())
    .addColumn('cidr', 'text', (c) => c.notNull())
    .addColumn('gateway_ip', 'text')
    .addColumn('enable_dhcp', 'integer', (c) => c.notNull())
    .addColumn('ipv6_ra_mode', 'text')
    .addColumn('ipv6_address_mode', 'text')
    .addColumn('subnetpool_id', 'text')
    .addColumn('allocation_pools', 'text', (c) => c.notNull())
    .addColumn('dns_nameservers', 'text', (c) => c.notNull())
    .addColumn('host_routes', 'text', (c) => c.notNull())
    .addColumn('service_types', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision_number', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('network_subnets_network').on('network_subnets').column('network_id').execute();
  await db.schema.createIndex('network_subnets_pool').on('network_subnets').column('subnetpool_id').execute();
  await db.schema
    .createIndex('network_subnets_project')
    .on('network_subnets')
    .columns(['project_id', 'id'])
    .execute();
}

async function ports(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_ports')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('network_id', 'text', (c) => c.notNull().references('network_networks.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('mac_address', 'text', (c) => c.notNull())
    .addColumn('admin_state_up', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('device_owner', 'text', (c) => c.notNull())
    .addColumn('port_security_enabled', 'integer', (c) => c.notNull())
    .addColumn('ip_allocation', 'text', (c) => c.notNull())
    .addColumn('dns_name', 'text', (c) => c.notNull())
    .addColumn('dns_domain', 'text', (c) => c.notNull())
    .addColumn('binding_host_id', 'text', (c) => c.notNull())
    .addColumn('binding_vnic_type', 'text', (c) => c.notNull())
    .addColumn('binding_profile', 'text', (c) => c.notNull())
    .addColumn('allowed_address_pairs', 'text', (c) => c.notNull())
    .addColumn('extra_dhcp_opts', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision_number', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('network_ports_mac')
    .unique()
    .on('network_ports')
    .columns(['network_id', 'mac_address'])
    .execute();
  await db.schema
    .createIndex('network_ports_project')
    .on('network_ports')
    .columns(['project_id', 'id'])
    .execute();
  await db.schema.createIndex('network_ports_device').on('network_ports').column('device_id').execute();
  await db.schema
    .createIndex('network_ports_host')
    .on('network_ports')
    .columns(['binding_host_id', 'network_id', 'device_owner'])
    .execute();
  await db.schema
    .createIndex('network_ports_owner')
    .on('network_ports')
    .columns(['network_id', 'device_owner'])
    .execute();
}

async function ipAllocations(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_ip_allocations')
    .addColumn('network_id', 'text', (c) => c.notNull())
    .addColumn('address_key', 'text', (c) => c.notNull())
    .addColumn('ip_address', 'text', (c) => c.notNull())
    .addColumn('subnet_id', 'text', (c) => c.notNull().references('network_subnets.id'))
    .addColumn('port_id', 'text', (c) => c.notNull().references('network_ports.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('network_ip_allocations_pk', ['network_id', 'address_key'])
    .execute();
  await db.schema
    .createIndex('network_ip_allocations_port')
    .on('network_ip_allocations')
    .column('port_id')
    .execute();
  await db.schema
    .createIndex('network_ip_allocations_subnet')
    .on('network_ip_allocations')
    .columns(['subnet_id', 'address_key'])
    .execute();
}

async function securityGroups(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_security_groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('stateful', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision_number', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('network_security_groups_project')
    .on('network_security_groups')
    .columns(['project_id', 'id'])
    .execute();
  await db.schema
    .createTable('network_default_security_groups')
    .addColumn('project_id', 'text', (c) => c.primaryKey())
    .addColumn('security_group_id', 'text', (c) =>
      c.notNull().unique().references('network_security_groups.id').onDelete('cascade'),
    )
    .execute();
}

async function securityGroupRules(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_security_group_rules')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('security_group_id', 'text', (c) =>
      c.notNull().references('network_security_groups.id').onDelete('cascade'),
    )
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('direction', 'text', (c) => c.notNull())
    .addColumn('ethertype', 'text', (c) => c.notNull())
    .addColumn('protocol', 'text')
    .addColumn('port_range_min', 'integer')
    .addColumn('port_range_max', 'integer')
    .addColumn('remote_ip_prefix', 'text')
    .addColumn('remote_group_id', 'text', (c) =>
      c.references('network_security_groups.id').onDelete('cascade'),
    )
    .addColumn('remote_address_group_id', 'text')
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision_number', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('network_security_group_rules_same')
    .unique()
    .on('network_security_group_rules')
    .columns(['security_group_id', 'fingerprint'])
    .execute();
  await db.schema
    .createIndex('network_security_group_rules_project')
    .on('network_security_group_rules')
    .columns(['project_id', 'id'])
    .execute();
  await db.schema
    .createIndex('network_security_group_rules_remote')
    .on('network_security_group_rules')
    .column('remote_group_id')
    .execute();
  await db.schema
    .createIndex('network_security_group_rules_addresses')
    .on('network_security_group_rules')
    .column('remote_address_group_id')
    .execute();
}

async function defaultSecurityGroupRules(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_default_security_group_rules')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('direction', 'text', (c) => c.notNull())
    .addColumn('ethertype', 'text', (c) => c.notNull())
    .addColumn('protocol', 'text')
    .addColumn('port_range_min', 'integer')
    .addColumn('port_range_max', 'integer')
    .addColumn('remote_ip_prefix', 'text')
    .addColumn('remote_group_id', 'text')
    .addColumn('remote_address_group_id', 'text')
    .addColumn('used_in_default_sg', 'integer', (c) => c.notNull())
    .addColumn('used_in_non_default_sg', 'integer', (c) => c.notNull())
    .execute();
  await db.insertInto('network_default_security_group_rules').values(defaultRules()).execute();
}

async function portSecurityGroups(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_port_security_groups')
    .addColumn('port_id', 'text', (c) => c.notNull().references('network_ports.id').onDelete('cascade'))
    .addColumn('security_group_id', 'text', (c) => c.notNull().references('network_security_groups.id'))
    .addPrimaryKeyConstraint('network_port_security_groups_pk', ['port_id', 'security_group_id'])
    .execute();
  await db.schema
    .createIndex('network_port_security_groups_group')
    .on('network_port_security_groups')
    .column('security_group_id')
    .execute();
}

async function tags(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_tags')
    .addColumn('resource_id', 'text', (c) => c.notNull())
    .addColumn('tag', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('network_tags_pk', ['resource_id', 'tag'])
    .execute();
  await db.schema
    .createIndex('network_tags_tag')
    .on('network_tags')
    .columns(['tag', 'resource_id'])
    .execute();
}

async function quotas(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_quotas')
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('quota_limit', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('network_quotas_pk', ['project_id', 'resource'])
    .execute();
}

async function outbox(db: Kysely<AnySchema>): Promise<void> {
  await db.schema
    .createTable('network_outbox')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('resource_id', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('enqueued_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('network_outbox_pk', ['kind', 'resource_id'])
    .execute();
}

/** The rules of new groups: everything may leave; members of a default group may reach each other. */
const defaultRules = () =>
  ['egress', 'ingress'].flatMap((direction) =>
    ['IPv4', 'IPv6'].map((ethertype) => ({
      id: newUuid(),
      description: '',
      direction,
      ethertype,
      remote_group_id: direction === 'ingress' ? 'PARENT' : null,
      used_in_default_sg: 1,
      used_in_non_default_sg: direction === 'egress' ? 1 : 0,
    })),
  );
