/** A server as the rest of Compute works with it; `store.ts` reads and writes it. */

/** Where a server stands between operations: nova/compute/vm_states.py. */
export type VmState =
  | 'building'
  | 'active'
  | 'paused'
  | 'suspended'
  | 'stopped'
  | 'rescued'
  | 'resized'
  | 'shelved'
  | 'shelved_offloaded'
  | 'soft-delete'
  | 'deleted'
  | 'error';

/** What is being done to a server: nova/compute/task_states.py. */
export type TaskState =
  | 'scheduling'
  | 'block_device_mapping'
  | 'networking'
  | 'spawning'
  | 'image_snapshot'
  | 'image_snapshot_pending'
  | 'image_pending_upload'
  | 'image_uploading'
  | 'image_backup'
  | 'updating_password'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_migrated'
  | 'resize_finish'
  | 'resize_reverting'
  | 'resize_confirming'
  | 'rebooting'
  | 'reboot_pending'
  | 'reboot_started'
  | 'rebooting_hard'
  | 'reboot_pending_hard'
  | 'reboot_started_hard'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'powering-off'
  | 'powering-on'
  | 'rescuing'
  | 'unrescuing'
  | 'rebuilding'
  | 'rebuild_block_device_mapping'
  | 'rebuild_spawning'
  | 'deleting'
  | 'soft-deleting'
  | 'restoring'
  | 'shelving'
  | 'shelving_image_pending_upload'
  | 'shelving_image_uploading'
  | 'shelving_offloading'
  | 'unshelving';

/** nova/compute/power_state.py: the numbers are on the wire. */
export const powerStates = {
  pending: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
} as const;

/** A flavor as it was when the server was made from it, or resized to it; the flavor itself may be gone. */
export interface FlavorSnapshot {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly rootGb: number;
  readonly ephemeralGb: number;
  readonly swapMb: number;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

/** An image file as agents fetch it. */
export interface ImageFile {
  readonly id: string;
  readonly format: string;
  /** Bytes. */
  readonly size: number;
  /** sha512 in hex. */
  readonly hash: string | null;
}

/** What a server's image was when the server was made from it: it may have been deleted or changed since. */
export interface ImageSnapshot extends ImageFile {
  readonly kernel?: ImageFile;
  readonly ramdisk?: ImageFile;
  readonly containerFormat: string;
  readonly minDisk: number;
  readonly minRam: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** One of a server's interfaces, in the order the guest sees them. */
export interface ServerInterface {
  readonly portId: string;
  readonly networkId: string;
  readonly mac: string;
  readonly mtu: number;
  /** Made for this server, and deleted with it; a port the user brought is given back instead. */
  readonly made: boolean;
  readonly tag: string | null;
}

/** A disk beside the root disk, or the root disk itself, as asked for in `block_device_mapping_v2`. */
export interface BlockDevice {
  readonly kind: 'root' | 'ephemeral' | 'swap';
  readonly deviceName: string;
  /** Gigabytes; megabytes for swap. */
  readonly size: number;
  readonly guestFormat: string | null;
  readonly tag: string | null;
}

/** Why a server is in ERROR. */
export interface ServerFault {
  readonly code: number;
  readonly message: string;
  /** Shown to administrators, and to owners while the fault is not a 500. */
  readonly details: string | null;
  readonly createdAt: number;
}

/** A file to be put into the guest (`personality`, until 2.56); contents are base64. */
export interface InjectedFile {
  readonly path: string;
  readonly contents: string;
}

/**
 * A server, with all that is kept of it. Times are milliseconds since the epoch; null is what it does not
 * have, or not yet.
 */
export interface Server {
  readonly id: string;
  /** Counts all servers ever made; `instance-%08x` is made of it. */
  readonly number: number;
  readonly projectId: string;
  readonly userId: string;
  readonly name: string;
  readonly description: string | null;
  readonly hostname: string;
  readonly host: string | null;
  readonly node: string | null;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  /** The saga that was last allowed to change this server's state; any other finds itself shut out. */
  readonly operation: string | null;
  /** One of {@link powerStates}. */
  readonly powerState: number;
  readonly progress: number;
  readonly flavor: FlavorSnapshot;
  /** While resized: what a revert goes back to. */
  readonly oldFlavor: FlavorSnapshot | null;
  readonly imageRef: string;
  readonly image: ImageSnapshot;
  readonly keyName: string | null;
  readonly keyData: string | null;
  /** The zone of the host it is on, or while unscheduled the zone asked for. */
  readonly availabilityZone: string | null;
  /** The zone it must stay in, if one was asked for. */
  readonly pinnedAvailabilityZone: string | null;
  readonly configDrive: boolean;
  readonly autoDiskConfig: boolean;
  readonly rootDeviceName: string;
  readonly accessIpV4: string | null;
  readonly accessIpV6: string | null;
  readonly locked: boolean;
  readonly lockedBy: 'owner' | 'admin' | null;
  readonly lockedReason: string | null;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly launchedAt: number | null;
  readonly terminatedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Null while the server exists. */
  readonly deletedAt: number | null;
  readonly fault: ServerFault | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Compute's own notes, e.g. `shelved_image_id`. */
  readonly systemMetadata: Readonly<Record<string, string>>;
  /** Scheduler hints. */
  readonly hints: Readonly<Record<string, unknown>>;
  readonly trustedCerts: readonly string[] | null;
  readonly interfaces: readonly ServerInterface[];
  readonly blockDevices: readonly BlockDevice[];
  readonly injectedFiles: readonly InjectedFile[];
  /** Base64, as given. */
  readonly userData: string | null;
}

/** The name the hypervisor knows a server by. */
export const instanceName = (server: Pick<Server, 'number'>): string =>
  `instance-${server.number.toString(16).padStart(8, '0')}`;
