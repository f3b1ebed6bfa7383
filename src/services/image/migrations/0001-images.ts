import type { Migration } from '#kit/db/migrations.ts';

/** What a list of images may be sorted by besides its default order. */
const sortable = ['name', 'status', 'container_format', 'disk_format', 'size', 'updated_at'];

/** Images with their properties, tags and members, and tasks. Each column images may be sorted by has an index. */
export const imagesMigration: Migration = {
  name: 'image/0001-images',
  async up(db) {
    await db.schema
      .createTable('image_images')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text')
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('visibility', 'text', (c) => c.notNull())
      .addColumn('owner', 'text')
      .addColumn('disk_format', 'text')
      .addColumn('container_format', 'text')
      .addColumn('size', 'bigint')
      .addColumn('virtual_size', 'bigint')
      .addColumn('checksum', 'text')
      .addColumn('os_hash_algo', 'text')
      .addColumn('os_hash_value', 'text')
      .addColumn('min_disk', 'integer', (c) => c.notNull())
      .addColumn('min_ram', 'integer', (c) => c.notNull())
      .addColumn('protected', 'integer', (c) => c.notNull())
      .addColumn('os_hidden', 'integer', (c) => c.notNull())
      // a copy of what the tables below hold: a list needs no more than this row
      .addColumn('properties', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('data', 'text')
      .addColumn('upload', 'text')
      .addColumn('upload_until', 'bigint')
      .addColumn('revision', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('image_images_created_at')
      .on('image_images')
      .columns(['created_at', 'id'])
      .execute();
    for (const column of sortable) {
      await db.schema
        .createIndex(`image_images_${column}`)
        .on('image_images')
        .columns([column, 'created_at', 'id'])
        .execute();
    }
    await db.schema
      .createIndex('image_images_owner')
      .on('image_images')
      .columns(['owner', 'created_at', 'id'])
      .execute();
    await db.schema
      .createIndex('image_images_upload_until')
      .on('image_images')
      .column('upload_until')
      .execute();

    await db.schema
      .createTable('image_properties')
      .addColumn('image_id', 'text', (c) => c.notNull().references('image_images.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('image_properties_pk', ['image_id', 'name'])
      .execute();
    await db.schema
      .createIndex('image_properties_name')
      .on('image_properties')
      .columns(['name', 'value'])
      .execute();

    await db.schema
      .createTable('image_tags')
      .addColumn('image_id', 'text', (c) => c.notNull().references('image_images.id'))
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('image_tags_pk', ['image_id', 'value'])
      .execute();
    await db.schema.createIndex('image_tags_value').on('image_tags').column('value').execute();

    await db.schema
      .createTable('image_members')
      .addColumn('image_id', 'text', (c) => c.notNull().references('image_images.id'))
      .addColumn('member_id', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('image_members_pk', ['image_id', 'member_id'])
      .execute();
    await db.schema
      .createIndex('image_members_member')
      .on('image_members')
      .columns(['member_id', 'status'])
      .execute();

    await db.schema
      .createTable('image_tasks')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('owner', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('request_id', 'text', (c) => c.notNull())
      .addColumn('image_id', 'text')
      .addColumn('input', 'text', (c) => c.notNull())
      .addColumn('result', 'text')
      .addColumn('message', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('image_tasks_created_at')
      .on('image_tasks')
      .columns(['created_at', 'id'])
      .execute();
    await db.schema
      .createIndex('image_tasks_image')
      .on('image_tasks')
      .columns(['image_id', 'created_at'])
      .execute();
    await db.schema.createIndex('image_tasks_expires_at').on('image_tasks').column('expires_at').execute();
  },
};
