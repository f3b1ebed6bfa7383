import type {
  Diagnostics,
  GuestHardware,
  GuestImage,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostFacts,
} from '#contracts/guest.ts';

/**
 * The hypervisor driver: what an agent can do with guests on its host. Implementations: qemu, sim.
 * Every operation is idempotent: repeated after a crash it does no harm and ends in the same state.
 * Unknown guests are `notFound`, except where absence is what was asked for.
 */

/** Gives the driver an image as a local file, fetching and inspecting it first when it is not cached. */
export interface ImageFiles {
  /** Absolute path of a read-only, self-contained file; `format` is what it really is. */
  ensure(image: GuestImage): Promise<{ path: string; format: string; virtualSize: number }>;
}

/** How an interface reaches the network: made by the net driver's host half before the guest starts. */
export interface Plug {
  readonly portId: string;
  /** Name of a tap device the guest user may open; null for simulated guests. */
  readonly tap: string | null;
}

/** The guests of one host. {@link VirtDriver.adopt} is called once, before anything else. */
export interface VirtDriver {
  readonly name: string;
  /** Whether guests run on image files of the host, which may then be fetched before anybody needs them. */
  readonly runsOnImages: boolean;
  host(): Promise<HostFacts>;
  /** Finds guests that outlived the last agent and takes them in hand again. */
  adopt(): Promise<GuestState[]>;
  list(): Promise<GuestState[]>;
  /** Makes the disks and starts the guest. A guest that runs already with this spec is left alone. */
  create(spec: GuestSpec, images: ImageFiles, plugs: readonly Plug[]): Promise<void>;
  /** Stops the guest at once and removes it with its disks. Tolerates absence. */
  destroy(id: string): Promise<void>;
  /** Starts a stopped guest, or one whose spec changed, anew on its disks. */
  start(spec: GuestSpec, images: ImageFiles, plugs: readonly Plug[]): Promise<void>;
  /** Asks the guest to shut down and, past the time-out, pulls the plug; 0 pulls it at once. Keeps the disks. */
  stop(id: string, timeoutMs: number): Promise<void>;
  /** Asks the guest to reboot; answers whether it did within the time-out. One that does not run does not. */
  softReboot(id: string, timeoutMs: number): Promise<boolean>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Raises an interrupt that the guest cannot mask (NMI): what it does upon that is its own affair. */
  interrupt(id: string): Promise<void>;
  /** Saves the running state to disk and ends the process. */
  suspend(id: string): Promise<void>;
  resume(spec: GuestSpec, plugs: readonly Plug[]): Promise<void>;
  /** Replaces the disks with fresh ones from the spec's image (rebuild). The guest is stopped. */
  rebuild(spec: GuestSpec, images: ImageFiles): Promise<void>;
  /** Makes the disks fit a new spec, keeping the old ones for {@link revertResize}. The guest is stopped. */
  resize(spec: GuestSpec): Promise<void>;
  /** Lets go of what {@link resize} kept. */
  confirmResize(id: string): Promise<void>;
  /** Puts back what {@link resize} kept. The guest is stopped. */
  revertResize(spec: GuestSpec): Promise<void>;
  /** Writes the root disk as one self-contained file, from a running or stopped guest, and answers its path and format. */
  snapshot(id: string, snapshotId: string): Promise<{ path: string; format: string }>;
  /** Removes the file {@link snapshot} made. Tolerates absence. */
  discardSnapshot(id: string, snapshotId: string): Promise<void>;
  attachInterface(
    id: string,
    nic: GuestInterface,
    plug: Plug,
    model: GuestHardware['vifModel'],
  ): Promise<void>;
  /** Tolerates absence of the interface. */
  detachInterface(id: string, portId: string): Promise<void>;
  /** The last `maxBytes` the guest wrote to its serial console. */
  consoleLog(id: string, maxBytes: number): Promise<string>;
  /** Path of a unix socket that speaks the protocol, `vnc` (RFB) or `serial` (raw bytes). */
  consoleSocket(id: string, kind: 'vnc' | 'serial'): Promise<string>;
  diagnostics(id: string): Promise<Diagnostics>;
  /** Tells of guests that changed state by themselves: shut down from inside, killed, crashed. */
  onChange(listener: (guest: GuestState) => void): void;
  /** Traces on the host that belong to no guest in `known`: directories, processes, images in the cache of nobody. */
  orphans(known: readonly string[]): Promise<string[]>;
  /** Removes the traces of one orphan that {@link orphans} named. */
  removeOrphan(name: string): Promise<void>;
  close(): Promise<void>;
}
