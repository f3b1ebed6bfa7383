import type { Migration } from '#kit/db/migrations.ts';

/** Routers and floating ips. */
export const layer3Migration: Migration = {
  name: 'network/0002-layer3',
  async up(db) {
    await db.schema
      .createTable('network_routers')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('admin_state_up', 'integer', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('enable_snat', 'integer', (c) => c.notNull())
      .addColumn('routes', 'text', (c) => c.notNull())
      .addColumn('availability_zone_hints', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('revision_number', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('network_routers_project')
      .on('network_routers')
      .columns(['project_id', 'id'])
      .execute();

    await db.schema
      .createTable('network_floatingips')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('floating_network_id', 'text', (c) => c.notNull().references('network_networks.id'))
      .addColumn('floating_ip_address', 'text', (c) => c.notNull())
      .addColumn('floating_port_id', 'text', (c) => c.notNull().references('network_ports.id'))
      .addColumn('fixed_port_id', 'text', (c) => c.references('network_ports.id'))
      .addColumn('fixed_ip_address', 'text')
      .addColumn('router_id', 'text', (c) => c.references('network_routers.id'))
      .addColumn('dns_name', 'text', (c) => c.notNull())
      .addColumn('dns_domain', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('revision_number', 'integer', (c) => c.notNull())
      .execute();
    // a fixed address has one floating address on each external network
    await db.schema
      .createIndex('network_floatingips_fixed')
      .unique()
      .on('network_floatingips')
      .columns(['fixed_port_id', 'fixed_ip_address', 'floating_network_id'])
      .execute();
    await db.schema
      .createIndex('network_floatingips_project')
      .on('network_floatingips')
      .columns(['project_id', 'id'])
      .execute();
    await db.schema
      .createIndex('network_floatingips_router')
      .on('network_floatingips')
      .column('router_id')
      .execute();
    await db.schema
      .createIndex('network_floatingips_port')
      .on('network_floatingips')
      .column('floating_port_id')
      .execute();
  },
};
