import { badRequest } from '#kit/errors/cloud-error.ts';

import type { CreateServer, RequestedDevice } from './schema.ts';
import type { BlockDevice, FlavorSnapshot } from './server.ts';

const invalid = (details: string) => badRequest(`Block Device Mapping is Invalid: ${details}`);

/** The most local disks of a server: Nova's `max_local_block_devices`. */
const maxLocalDevices = 3;
const diskBuses = ['fdc', 'ide', 'sata', 'scsi', 'usb', 'virtio', 'xen', 'lxc', 'uml', 'nvme'];

/**
 * The disks of a new server, beside its root disk from the image: the blank ones asked for, else the flavor's own. Checked
 * as nova.block_device and nova.compute.api do; volumes are refused, since no block storage service is there.
 */
export function planBlockDevices(
  server: CreateServer,
  flavor: FlavorSnapshot,
  rootDeviceName: string,
): BlockDevice[] {
  if (server.block_device_mapping?.length && server.block_device_mapping_v2?.length) {
    throw badRequest('Using different block_device_mapping syntaxes is not allowed in the same request.');
  }
  const requested = [
    ...(server.block_device_mapping ?? []).map(fromLegacy),
    ...(server.block_device_mapping_v2 ?? []),
  ].filter((device) => device.no_device === undefined || device.no_device === null);
  for (const device of requested) checkDevice(device, Boolean(server.imageRef));
  checkBootOrder(requested, Boolean(server.imageRef));
  const disks = [...blankDisks(requested, flavor), ...flavorDisks(requested, flavor)];
  checkSizes(disks, flavor);
  return [
    {
      kind: 'root',
      deviceName: rootDeviceName,
      size: flavor.rootGb,
      guestFormat: null,
      tag: rootTag(requested),
    },
    ...named(disks, rootDeviceName),
  ];
}

/** The old syntax, where `virtual_name` says what a disk is. */
const fromLegacy = (device: NonNullable<CreateServer['block_device_mapping']>[number]): RequestedDevice => {
  const { virtual_name: kind, ...rest } = device;
  if (kind === 'swap' || kind?.startsWith('ephemeral')) {
    return {
      ...rest,
      source_type: 'blank',
      destination_type: 'local',
      ...(kind === 'swap' && { guest_format: 'swap' }),
    };
  }
  return { ...rest, source_type: device.snapshot_id ? 'snapshot' : 'volume', destination_type: 'volume' };
};

/** Throws what Nova's BlockDeviceDict.from_api does, and for whatever needs a volume. */
function checkDevice(device: RequestedDevice, imageGiven: boolean): void {
  const { source_type: source, destination_type: destination, uuid } = device;
  if (source === 'blank' && uuid !== undefined) throw invalid('Invalid device UUID.');
  if (source === 'image' && destination === 'local') {
    if (uuid === undefined) throw invalid('Missing device UUID.');
    if (!imageGiven || bootIndex(device) !== 0) throw invalid('Mapping image to local is not supported.');
  }
  if (destination === 'local' && device.volume_type) {
    throw invalid('Specifying a volume_type with destination_type=local is not supported.');
  }
  const local = (source === 'image' || source === 'blank') && destination !== 'volume';
  if (!local) throw invalid('volumes cannot be used: there is no block storage service.');
  if (device.disk_bus !== undefined && !diskBuses.includes(device.disk_bus)) {
    throw badRequest('Block Device Mapping is Invalid.');
  }
}

const bootIndex = (device: RequestedDevice): number =>
  device.boot_index === undefined || device.boot_index === null ? -1 : Number(device.boot_index);

/** Boot indexes count from 0 without gaps; the image, when no device stands for it, is the first. */
function checkBootOrder(devices: readonly RequestedDevice[], imageGiven: boolean): void {
  const indexes = devices.map(bootIndex).filter((index) => index >= 0);
  const forImage = devices.some((device) => device.source_type === 'image');
  if (imageGiven && !forImage && !indexes.includes(0)) indexes.push(0);
  indexes.sort((a, b) => a - b);
  if (indexes.length === 0 || indexes.some((index, i) => index !== i)) {
    throw invalid('Boot sequence for the instance and image/block device mapping combination is not valid.');
  }
}

const rootTag = (devices: readonly RequestedDevice[]): string | null =>
  devices.find((device) => device.source_type === 'image')?.tag ?? null;

type Disk = Omit<BlockDevice, 'deviceName'> & { readonly deviceName: string | undefined };

function blankDisks(devices: readonly RequestedDevice[], flavor: FlavorSnapshot): Disk[] {
  return devices
    .filter((device) => device.source_type === 'blank')
    .map((device) => {
      const kind = device.guest_format === 'swap' ? 'swap' : 'ephemeral';
      const whole = kind === 'swap' ? flavor.swapMb : flavor.ephemeralGb;
      return {
        kind,
        deviceName: device.device_name,
        size: device.volume_size === undefined ? whole : Number(device.volume_size),
        guestFormat: device.guest_format ?? null,
        tag: device.tag ?? null,
      };
    });
}

/** The flavor's own disks, unless disks of that kind were asked for. */
function flavorDisks(devices: readonly RequestedDevice[], flavor: FlavorSnapshot): Disk[] {
  const blank = devices.filter((device) => device.source_type === 'blank');
  const swap = blank.some((device) => device.guest_format === 'swap');
  const ephemeral = blank.some((device) => device.guest_format !== 'swap');
  const disk = (kind: 'ephemeral' | 'swap', size: number): Disk[] =>
    size > 0
      ? [{ kind, deviceName: undefined, size, guestFormat: kind === 'swap' ? 'swap' : null, tag: null }]
      : [];
  return [
    ...(ephemeral ? [] : disk('ephemeral', flavor.ephemeralGb)),
    ...(swap ? [] : disk('swap', flavor.swapMb)),
  ];
}

function checkSizes(disks: readonly Disk[], flavor: FlavorSnapshot): void {
  const ephemeral = disks.filter((disk) => disk.kind === 'ephemeral');
  if (ephemeral.reduce((sum, disk) => sum + disk.size, 0) > flavor.ephemeralGb) {
    throw badRequest(
      'Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used.',
    );
  }
  const swaps = disks.filter((disk) => disk.kind === 'swap');
  if (swaps.length > 1) throw invalid('More than one swap drive requested.');
  if (swaps.some((disk) => disk.size > flavor.swapMb)) {
    throw badRequest('Swap drive requested is larger than instance type allows.');
  }
  if (disks.length + 1 > maxLocalDevices) {
    throw invalid('You specified more local devices than the limit allows');
  }
}

/** Gives each disk the next free name after the root disk's. */
function named(disks: readonly Disk[], rootDeviceName: string): BlockDevice[] {
  const prefix = rootDeviceName.slice(0, -1);
  const taken = new Set([rootDeviceName, ...disks.map((disk) => disk.deviceName)]);
  let letter = 'a'.codePointAt(0)!;
  return disks.map((disk) => {
    let name = disk.deviceName;
    while (name === undefined || (disk.deviceName === undefined && taken.has(name))) {
      name = prefix + String.fromCodePoint(letter++);
    }
    taken.add(name);
    return { ...disk, deviceName: name.startsWith('/dev/') ? name : `/dev/${name}` };
  });
}
