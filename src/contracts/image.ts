import type { Credentials } from '#kit/auth/credentials.ts';

/** Disk formats of images, as Glance names them. */
export type DiskFormat =
  | 'qcow2'
  | 'raw'
  | 'vmdk'
  | 'vdi'
  | 'vhd'
  | 'vhdx'
  | 'iso'
  | 'ami'
  | 'ari'
  | 'aki'
  | 'ploop';

/** An image as other services see it. */
export interface ImageFacts {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  readonly projectId: string | null;
  readonly diskFormat: DiskFormat | null;
  readonly containerFormat: string | null;
  /** Bytes stored; null until uploaded. */
  readonly size: number | null;
  /** Bytes the guest sees. */
  readonly virtualSize: number | null;
  readonly checksum: string | null;
  readonly hashAlgorithm: string | null;
  readonly hashValue: string | null;
  /** Gigabytes. */
  readonly minDisk: number;
  /** Megabytes. */
  readonly minRam: number;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly tags: readonly string[];
  /** Free-form properties: `hw_disk_bus`, `os_distro`, `kernel_id` … */
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An image that is about to be made from a server. */
export interface NewSnapshot {
  /** Chosen by the caller, so that a repeated call makes one image. */
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly diskFormat: DiskFormat;
  readonly containerFormat: 'bare';
  readonly minDisk: number;
  readonly minRam: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** What other services may ask of Image. */
export interface ImageContract {
  /** An image the caller may use. Throws `notFound` when it does not exist or is not visible to them. */
  get(id: string, caller: Credentials): Promise<ImageFacts>;
  /** Bytes `offset` to `offset + length` of an active image; fewer at the end, none past it. For agents. */
  read(id: string, offset: number, length: number): Promise<Uint8Array>;
  /** Throws when a project may have no more images. */
  checkRoom(projectId: string): Promise<void>;
  /** Makes a queued image for a snapshot. Idempotent by id. Throws as {@link checkRoom} does. */
  createSnapshot(snapshot: NewSnapshot): Promise<void>;
  /** Appends to a snapshot's data; writing an offset again is harmless, also once it is finished. Status becomes `saving`. */
  write(id: string, offset: number, data: Uint8Array): Promise<void>;
  /**
   * Inspects, hashes and activates what was written: `size` bytes of it, if given, since an earlier attempt may have
   * written more. Idempotent.
   */
  finish(id: string, size?: number): Promise<void>;
  /** Removes a snapshot that will not be finished; tolerates absence. */
  discard(id: string): Promise<void>;
  /** Deletes an image as its owner would. */
  remove(id: string, caller: Credentials): Promise<void>;
  /** Images the caller may see whose properties hold these values. For Compute's image proxy and backups. */
  list(caller: Credentials, filter: { properties?: Readonly<Record<string, string>> }): Promise<ImageFacts[]>;
}
