import { badRequest } from '#kit/errors/cloud-error.ts';

import { type Disk, type DiskSet, readDiskSet } from './disks.ts';
import type { Guest } from './guest.ts';
import type { Manifest } from './manifest.ts';
import { isOldPc } from './nics.ts';
import { deviceText } from './property-list.ts';

/** Disks a guest starts with. */
export interface AttachedSet {
  readonly directory: string;
  readonly set: DiskSet;
  /** Tells the nodes of a rescue's disks from the guest's own: `root` and `rescue-root`. */
  readonly prefix: string;
  /** The bus of all its disks; left out: what the guest's hardware says. */
  readonly bus?: Bus;
  /** Whether it boots before the sets that are placed before it. */
  readonly bootsFirst?: boolean;
}

/** A disk in its place. */
export interface PlacedDisk {
  readonly disk: Disk;
  readonly directory: string;
  /** Name of its top block node. */
  readonly node: string;
  /** What guests call it: `vda`, `sdb`, `hda`. */
  readonly name: string;
  /** QEMU's `-device` for it. */
  readonly device: string;
}

type DiskBus = Manifest['spec']['hardware']['diskBus'];
type Bus = DiskBus | 'usb';

/** PCI addresses, the same on every start: a guest finds its hardware where it left it. */
export const pciAddress = {
  video: 2,
  rng: 3,
  scsi: 5,
  ide: 6,
  usb: 7,
  firstDisk: 8,
} as const;

/**
 * How many disks each bus takes: PCI slots up to those for network cards, IDE's four, the six ports of the newer board, the
 * four of the USB controller but one for the tablet.
 */
const room: Readonly<Record<Bus, number>> = { virtio: 16, scsi: 128, ide: 4, sata: 6, usb: 3 };
const letters: Readonly<Record<Bus, string>> = { virtio: 'vd', scsi: 'sd', sata: 'sd', ide: 'hd', usb: 'sd' };

/** The root bus devices are plugged into, as the machine type's board calls it. */
export const bus = (machine: string): string => (isOldPc(machine) ? 'pci.0' : 'pcie.0');

/**
 * The disks a guest starts with. While it is rescued, only its root disk is there of its own, after the rescue's; unless the
 * rescue's is to be a certain device: then all its own are there, in their places, and the rescue's after them.
 */
export async function attachedSets(guest: Guest): Promise<AttachedSet[]> {
  const { disks, rescue, spec } = guest.manifest;
  const own = await attached(guest, disks, '');
  if (!rescue) return [own];
  const other = await attached(guest, rescue, 'rescue-');
  if (!spec.rescueDevice)
    return [other, { ...own, set: { ...own.set, disks: own.set.disks.filter(isRoot) } }];
  const { type, bus } = spec.rescueDevice;
  const root = other.set.disks.filter(isRoot).map((disk) => ({ ...disk, kind: type }));
  return [own, { ...other, set: { ...other.set, disks: root }, bus, bootsFirst: true }];
}

const isRoot = ({ name }: Disk): boolean => name === 'root';

async function attached(guest: Guest, name: string, prefix: string): Promise<AttachedSet> {
  const directory = guest.path(name);
  return { directory, set: await readDiskSet(directory), prefix };
}

/** Gives every disk its place on the bus it asks for, in the order they boot. Throws `badRequest` when a bus is full. */
export function placeDisks(
  sets: readonly AttachedSet[],
  { machine, spec }: Pick<Manifest, 'machine' | 'spec'>,
): { disks: PlacedDisk[]; controllers: string[] } {
  const taken = { virtio: 0, scsi: 0, ide: 0, sata: 0, usb: 0 };
  const named = new Map<string, number>();
  const order = bootOrder(sets).flatMap(({ set, prefix }) => set.disks.map(({ name }) => `${prefix}${name}`));
  const disks = sets
    .flatMap(({ set, ...its }) => set.disks.map((disk) => ({ disk, ...its })))
    .map(({ disk, directory, prefix, bus: asked }) => {
      const bus = asSupported(asked ?? busOf(disk, spec.hardware), machine);
      const unit = taken[bus]++;
      if (unit >= room[bus]) throw badRequest(`the guest has more disks than fit on its ${bus} bus`);
      const node = `${prefix}${disk.name}`;
      const letter = letters[bus];
      const count = named.get(letter) ?? 0;
      named.set(letter, count + 1);
      const common = { id: `disk-${node}`, drive: node, bootindex: order.indexOf(node) + 1 };
      const device = deviceOn(bus, unit, disk.kind === 'cdrom' ? 'cd' : 'hd', machine, common);
      return { disk, directory, node, name: `${letter}${String.fromCodePoint(97 + count)}`, device };
    });
  const usb = taken.usb > 0 || spec.hardware.videoModel !== 'none';
  return { disks, controllers: controllers({ ...taken, usb: usb ? 1 : 0 }, machine) };
}

/** The sets in the order in which the guest tries to boot from them. */
export const bootOrder = (sets: readonly AttachedSet[]): AttachedSet[] =>
  sets.toSorted((a, b) => Number(b.bootsFirst ?? false) - Number(a.bootsFirst ?? false));

/** A CD on virtio is a disk that cannot be written. */
const busOf = ({ kind }: Disk, { diskBus, cdromBus }: Manifest['spec']['hardware']): DiskBus =>
  kind === 'cdrom' ? cdromBus : diskBus;

/** The older board, which has no SATA, gives its IDE instead. */
const asSupported = (wanted: Bus, machine: string): Bus =>
  wanted === 'sata' && isOldPc(machine) ? 'ide' : wanted;

function deviceOn(
  place: Bus,
  unit: number,
  type: 'cd' | 'hd',
  machine: string,
  common: Readonly<Record<string, string | number>>,
): string {
  switch (place) {
    case 'virtio':
      return deviceText('virtio-blk-pci', {
        ...common,
        bus: bus(machine),
        addr: pciAddress.firstDisk + unit,
      });
    case 'scsi':
      return deviceText(`scsi-${type}`, { ...common, bus: 'scsi0.0', 'scsi-id': unit });
    case 'sata':
      return deviceText(`ide-${type}`, { ...common, bus: `ide.${unit}` });
    case 'usb':
      return deviceText('usb-storage', { ...common, bus: 'usb.0', removable: type === 'cd' ? 'on' : 'off' });
    case 'ide': {
      const channel = `${isOldPc(machine) ? 'ide' : 'pata'}.${unit >> 1}`;
      return deviceText(`ide-${type}`, { ...common, bus: channel, unit: unit & 1 });
    }
  }
}

function controllers(taken: Readonly<Record<Bus, number>>, machine: string): string[] {
  const on = { bus: bus(machine) };
  return [
    ...(taken.usb > 0 ? [deviceText('qemu-xhci', { id: 'usb', ...on, addr: pciAddress.usb })] : []),
    ...(taken.scsi > 0 ? [deviceText('virtio-scsi-pci', { id: 'scsi0', ...on, addr: pciAddress.scsi })] : []),
    // the newer board has no IDE; guests without an AHCI driver, such as Debian's cloud kernel, still look for one
    ...(taken.ide > 0 && !isOldPc(machine)
      ? [deviceText('piix3-ide', { id: 'pata', ...on, addr: pciAddress.ide })]
      : []),
  ];
}
