import { type Bit, bit, fromJson, toJson } from '#kit/db/columns.ts';

import type { ImageRecord, ImageStatus, Visibility } from './record.ts';

/** The tables of images. */
export interface ImageTables {
  image_images: ImageRow;
  image_properties: { image_id: string; name: string; value: string };
  image_tags: { image_id: string; value: string };
  image_members: {
    image_id: string;
    member_id: string;
    status: string;
    created_at: number;
    updated_at: number;
  };
}

/** Columns of an image; see {@link ImageRecord} for what they hold. */
export interface ImageRow {
  id: string;
  name: string | null;
  status: string;
  visibility: string;
  owner: string | null;
  disk_format: string | null;
  container_format: string | null;
  size: number | null;
  virtual_size: number | null;
  checksum: string | null;
  os_hash_algo: string | null;
  os_hash_value: string | null;
  min_disk: number;
  min_ram: number;
  protected: Bit;
  os_hidden: Bit;
  properties: string;
  tags: string;
  data: string | null;
  upload: string | null;
  upload_until: number | null;
  /** One more with each change: what a change was decided on must still be so when it is written. */
  revision: number;
  created_at: number;
  updated_at: number;
}

/** The record a row holds. */
export const fromRow = (row: ImageRow): ImageRecord => ({
  id: row.id,
  name: row.name,
  status: row.status as ImageStatus,
  visibility: row.visibility as Visibility,
  owner: row.owner,
  diskFormat: row.disk_format,
  containerFormat: row.container_format,
  size: row.size,
  virtualSize: row.virtual_size,
  checksum: row.checksum,
  hashAlgorithm: row.os_hash_algo,
  hashValue: row.os_hash_value,
  minDisk: row.min_disk,
  minRam: row.min_ram,
  protected: row.protected === 1,
  hidden: row.os_hidden === 1,
  properties: fromJson(row.properties),
  tags: fromJson(row.tags),
  data: row.data,
  upload: row.upload,
  uploadUntil: row.upload_until,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** The row of a record; its revision is the store's affair. */
export const toRow = (image: ImageRecord): Omit<ImageRow, 'revision'> => ({
  id: image.id,
  name: image.name,
  status: image.status,
  visibility: image.visibility,
  owner: image.owner,
  disk_format: image.diskFormat,
  container_format: image.containerFormat,
  size: image.size,
  virtual_size: image.virtualSize,
  checksum: image.checksum,
  os_hash_algo: image.hashAlgorithm,
  os_hash_value: image.hashValue,
  min_disk: image.minDisk,
  min_ram: image.minRam,
  protected: bit(image.protected),
  os_hidden: bit(image.hidden),
  properties: toJson(image.properties),
  tags: toJson(image.tags),
  data: image.data,
  upload: image.upload,
  upload_until: image.uploadUntil,
  created_at: image.createdAt,
  updated_at: image.updatedAt,
});
