/** An image as the database holds it. Times are milliseconds since the epoch. */
export interface ImageRecord {
  readonly id: string;
  readonly name: string | null;
  readonly status: ImageStatus;
  readonly visibility: Visibility;
  /** Project that owns the image; null only when an administrator took it from its owner. */
  readonly owner: string | null;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** Bytes; of staged data while it waits for its import. */
  readonly size: number | null;
  readonly virtualSize: number | null;
  /** MD5, in hexadecimal. */
  readonly checksum: string | null;
  readonly hashAlgorithm: string | null;
  readonly hashValue: string | null;
  /** Gigabytes. */
  readonly minDisk: number;
  /** Megabytes. */
  readonly minRam: number;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly properties: Properties;
  readonly tags: readonly string[];
  /** File name of the data in the store; null until it is all there. */
  readonly data: string | null;
  /** The transfer that may put data into this image: of an upload, a staging, an import or a snapshot. */
  readonly upload: string | null;
  /** Until when a transfer is believed alive without a sign from it; null for one that is waited for however long. */
  readonly uploadUntil: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Free-form properties. Only `kernel_id` and `ramdisk_id` may be null. */
export type Properties = Readonly<Record<string, string | null>>;

/** Who sees an image. */
export type Visibility = 'public' | 'private' | 'shared' | 'community';

/**
 * Where an image is between being made and being usable:
 * https://docs.openstack.org/glance/latest/user/statuses.html
 */
export type ImageStatus = 'queued' | 'saving' | 'uploading' | 'importing' | 'active' | 'deactivated';

/** What an image is made from. */
export type NewImage = Pick<
  ImageRecord,
  | 'id'
  | 'name'
  | 'visibility'
  | 'owner'
  | 'diskFormat'
  | 'containerFormat'
  | 'minDisk'
  | 'minRam'
  | 'protected'
  | 'hidden'
  | 'properties'
  | 'tags'
>;

/** What may be changed of an image. */
export type ImageChanges = Partial<Omit<ImageRecord, 'id' | 'createdAt' | 'updatedAt'>>;
