/** Guests as control describes them and agents report them: plain data that travels over the bus. */

/** What a guest is, complete: enough to make it, and to make it again the same after a host restart. */
export interface GuestSpec {
  /** The server's UUID. */
  readonly id: string;
  /** `instance-0000002a`, as the hypervisor shows it. */
  readonly name: string;
  readonly projectId: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  /** Size of the root disk; 0 keeps the image's own. */
  readonly rootGb: number;
  readonly ephemeralGb: readonly number[];
  readonly swapMb: number;
  readonly image: GuestImage;
  /** For images that boot a kernel given from outside (ami with aki and ari). */
  readonly kernel?: GuestImage;
  readonly ramdisk?: GuestImage;
  readonly kernelArguments?: string;
  readonly interfaces: readonly GuestInterface[];
  /** Files of the config drive by path, text or base64; null: none. */
  readonly configDrive: readonly ConfigFile[] | null;
  readonly hardware: GuestHardware;
  /** Set while rescued: the guest boots this image, its own root disk comes second. */
  readonly rescue?: GuestImage;
  /** With `rescue`: the guest keeps all its own disks where they are, and the rescue's comes last, as this. */
  readonly rescueDevice?: RescueDevice;
}

/** What a rescue's disk is to the guest that boots it: Nova's stable device rescue. */
export interface RescueDevice {
  readonly type: 'disk' | 'cdrom';
  readonly bus: 'virtio' | 'scsi' | 'ide' | 'sata' | 'usb';
}

/** An image as the agent needs it: enough to fetch it once and know it again. */
export interface GuestImage {
  readonly id: string;
  readonly format: string;
  /** Bytes. */
  readonly size: number;
  /** sha512 in hex; the agent verifies what it fetched. */
  readonly hash: string | null;
}

/** A network interface of a guest: the port it is wired to and what of it the guest sees. */
export interface GuestInterface {
  readonly portId: string;
  readonly networkId: string;
  readonly mac: string;
  readonly mtu: number;
}

/** A file of a config drive: `path` is relative and has `/` between its parts. */
export interface ConfigFile {
  readonly path: string;
  readonly content: string;
  readonly encoding: 'utf8' | 'base64';
}

/** The virtual hardware, as image properties (`hw_disk_bus` …) or Nova's defaults say. `machine` null: the host's. */
export interface GuestHardware {
  readonly diskBus: 'virtio' | 'scsi' | 'ide' | 'sata';
  readonly cdromBus: 'ide' | 'sata' | 'scsi' | 'virtio';
  readonly vifModel: 'virtio' | 'e1000' | 'rtl8139' | 'e1000e';
  readonly machine: string | null;
  readonly videoModel: 'virtio' | 'vga' | 'cirrus' | 'qxl' | 'none';
  readonly rng: boolean;
}

/** What a guest is doing: `suspended` is saved to disk, `crashed` ended without being asked to. */
export type PowerState = 'running' | 'paused' | 'shutdown' | 'suspended' | 'crashed';

/** A guest as the host sees it now. */
export interface GuestState {
  readonly id: string;
  readonly power: PowerState;
  /** Ports it is wired to. */
  readonly ports: readonly string[];
}

/** What a host has and can do; reported when the agent starts and when it changes. */
export interface HostFacts {
  readonly hypervisorType: string;
  /** Nova's integer form: 7.2.1 is 7002001. */
  readonly hypervisorVersion: number;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly memoryUsedMb: number;
  readonly diskGb: number;
  readonly diskFreeGb: number;
  readonly architecture: string;
  /** Nova's `cpu_info`. */
  readonly cpu: {
    readonly arch: string;
    readonly model: string;
    readonly vendor: string;
    readonly features: readonly string[];
    readonly topology: {
      readonly cells: number;
      readonly sockets: number;
      readonly cores: number;
      readonly threads: number;
    };
  };
  readonly acceleration: 'kvm' | 'tcg' | 'none';
  /** Placement traits, e.g. `HW_CPU_X86_AVX2`, `COMPUTE_NODE`. */
  readonly traits: readonly string[];
  readonly uptime: string;
  /** The address the host is reached at, when it has one of its own. */
  readonly address?: string;
}

/** What a running guest has used since its start, for Compute's `diagnostics` call. */
export interface Diagnostics {
  readonly state: PowerState;
  /** Seconds. */
  readonly uptime: number;
  readonly cpus: readonly { readonly id: number; readonly timeNs: number }[];
  readonly memory: { readonly maximumMb: number; readonly usedMb: number };
  readonly disks: readonly {
    readonly name: string;
    readonly readBytes: number;
    readonly readRequests: number;
    readonly writeBytes: number;
    readonly writeRequests: number;
    readonly errors: number;
  }[];
  readonly nics: readonly {
    readonly mac: string;
    readonly rxBytes: number;
    readonly rxPackets: number;
    readonly txBytes: number;
    readonly txPackets: number;
  }[];
}
