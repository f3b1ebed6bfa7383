import { join } from 'node:path';

import type { BlockNode } from '#protocols/qmp/commands.ts';

import type { Capabilities } from './capabilities.ts';
import { type AttachedSet, bootOrder, bus, pciAddress, placeDisks } from './disk-places.ts';
import type { Disk } from './disks.ts';
import { cpuModel } from './kvm-probe.ts';
import type { GuestPaths } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { isOldPc, netdevText, nicDevice, slotPorts } from './nics.ts';
import type { QemuOptions } from './options.ts';
import { deviceText } from './property-list.ts';

/** Everything a guest's command line is made from. */
export interface LaunchPlan {
  readonly manifest: Manifest;
  readonly sets: readonly AttachedSet[];
  readonly paths: GuestPaths;
  readonly capabilities: Capabilities;
  readonly options: QemuOptions;
  /** Whether it waits for a saved state to come in. */
  readonly incoming: boolean;
}

/** The command line of a guest, without the program. It starts stopped: whoever starts it lets it run. */
export function qemuArguments(plan: LaunchPlan): string[] {
  const { manifest, paths, capabilities, options, incoming } = plan;
  const { spec } = manifest;
  return [
    ['-name', `guest=${spec.name},debug-threads=on`, '-uuid', spec.id],
    ['-machine', `${manifest.machine},usb=off,vmport=off,hpet=off,dump-guest-core=off`],
    ['-accel', acceleration(capabilities, options), '-cpu', cpuModel(capabilities.acceleration)],
    ['-smp', `cpus=${spec.vcpus},sockets=${spec.vcpus},cores=1,threads=1`, '-m', `size=${spec.memoryMb}M`],
    ['-nodefaults', '-no-user-config', '-S', '-rtc', 'base=utc', '-smbios', smbios(spec.id)],
    powerManagement(manifest.machine),
    kernel(plan),
    ...slotPorts(manifest.machine).map((port) => ['-device', port]),
    ...diskArguments(plan),
    ...manifest.nics.map((nic) => nicArguments(nic, manifest.machine)),
    ...(spec.hardware.rng
      ? [
          ['-object', 'rng-random,id=rng0,filename=/dev/urandom'],
          ['-device', rng(manifest)],
        ]
      : []),
    ...video(plan),
    [
      '-chardev',
      `socket,id=tty,path=${paths.serial},server=on,wait=off,logfile=${paths.consoleLog},logappend=on`,
    ],
    ['-serial', 'chardev:tty', '-qmp', `unix:${paths.monitor},server=on,wait=off`],
    incoming ? ['-incoming', `unix:${paths.migration}`] : [],
    ['-pidfile', paths.pid],
  ].flat();
}

function acceleration({ acceleration }: Capabilities, { tcg_cache_mb }: QemuOptions): string {
  return acceleration === 'kvm' ? 'kvm' : `tcg,thread=multi,tb-size=${tcg_cache_mb}`;
}

/** What guests recognize OpenStack by: cloud-init looks at these words. */
const smbios = (id: string): string =>
  `type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=${id},uuid=${id},family=Virtual Machine`;

/** A guest that sent itself to sleep could not be woken through any API, so it is not offered. */
function powerManagement(machine: string): string[] {
  const chip = isOldPc(machine) ? 'PIIX4_PM' : 'ICH9-LPC';
  return ['-global', `${chip}.disable_s3=1`, '-global', `${chip}.disable_s4=1`];
}

/** A kernel from outside; the guest that is rescued boots the rescue image's own. */
function kernel({ manifest, sets }: LaunchPlan): string[] {
  const { directory, set } = bootOrder(sets)[0]!;
  if (!set.kernel) return [];
  const append = manifest.spec.kernelArguments ?? 'root=/dev/vda console=ttyS0';
  return [
    ['-kernel', join(directory, set.kernel), '-append', append],
    set.ramdisk ? ['-initrd', join(directory, set.ramdisk)] : [],
  ].flat();
}

const rng = ({ machine }: Manifest): string =>
  deviceText('virtio-rng-pci', { id: 'rng-device', rng: 'rng0', bus: bus(machine), addr: pciAddress.rng });

const videoDevices = { virtio: 'virtio-vga', vga: 'VGA', cirrus: 'cirrus-vga', qxl: 'qxl-vga' } as const;

/** A screen with an absolute pointer, seen over VNC; none where the image asks for none. */
function video({ manifest: { spec, machine }, paths }: LaunchPlan): string[][] {
  const { videoModel } = spec.hardware;
  if (videoModel === 'none') return [['-display', 'none']];
  const screen = { id: 'video0', bus: bus(machine), addr: pciAddress.video };
  return [
    ['-vnc', `unix:${paths.vnc}`, '-device', deviceText(videoDevices[videoModel], screen)],
    ['-device', deviceText('usb-tablet', { id: 'tablet', bus: 'usb.0' })],
  ];
}

function nicArguments(nic: Manifest['nics'][number], machine: string): string[] {
  const netdev = nic.tap === null ? [] : ['-netdev', netdevText(nic, nic.tap)];
  return [...netdev, '-device', deviceText(...nicDevice(nic, machine))];
}

/** Every disk, after the controllers the disks need. */
function diskArguments({ manifest, sets, options }: LaunchPlan): string[][] {
  const { disks, controllers } = placeDisks(sets, manifest);
  return [
    ...controllers.map((controller) => ['-device', controller]),
    ...disks.map(({ disk, directory, node, device }) => [
      ...blockNodes(disk, directory, node, options).flatMap((block) => ['-blockdev', JSON.stringify(block)]),
      '-device',
      device,
    ]),
  ];
}

/**
 * The nodes of a disk, lowest first. The chain is spelled out: nothing an image's header says about other files is
 * believed, neither the guest's nor the base's.
 */
export function blockNodes(disk: Disk, directory: string, node: string, options: QemuOptions): BlockNode[] {
  const readOnly = disk.kind === 'cdrom';
  const cache = { direct: options.disk_cache === 'none', 'no-flush': options.disk_cache === 'unsafe' };
  const shared = { cache, discard: 'unmap' };
  const file = (name: string, filename: string, fixed: boolean): BlockNode => ({
    driver: 'file',
    'node-name': name,
    filename: join(directory, filename),
    aio: 'threads',
    'read-only': fixed,
    ...shared,
  });
  const { backing } = disk;
  const nodes: BlockNode[] = [];
  if (backing) {
    nodes.push(file(`${node}-base-file`, backing.file, true));
    nodes.push({
      driver: backing.format,
      'node-name': `${node}-base`,
      file: `${node}-base-file`,
      'read-only': true,
      ...shared,
      ...(backing.format === 'qcow2' && { backing: null }),
    });
  }
  nodes.push(file(`${node}-file`, disk.file, readOnly));
  nodes.push({
    driver: disk.format,
    'node-name': node,
    file: `${node}-file`,
    'read-only': readOnly,
    ...shared,
    ...(disk.format === 'qcow2' && { backing: backing ? `${node}-base` : null }),
  });
  return nodes;
}
