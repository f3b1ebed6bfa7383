import type { GuestImage, GuestSpec, RescueDevice } from '#contracts/guest.ts';

import { configDriveFiles } from '../metadata/config-drive.ts';
import { type ImageFile, instanceName, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { hardwareOf } from './hardware.ts';

/** An image a guest is rescued with. */
export interface RescueImage extends ImageFile {
  /** What it is to the guest, if its properties say; else it comes before the guest's own root disk. */
  readonly device?: RescueDevice;
}

/** What a guest is to be right now, whole: the agent can make it from this alone. */
export async function guestSpecOf(
  service: Compute,
  server: Server,
  { rescue }: { rescue?: RescueImage } = {},
): Promise<GuestSpec> {
  const { flavor, image } = server;
  const sizes = (kind: 'ephemeral' | 'swap') =>
    server.blockDevices.filter((device) => device.kind === kind).map((device) => device.size);
  return {
    id: server.id,
    name: instanceName(server),
    projectId: server.projectId,
    vcpus: flavor.vcpus,
    memoryMb: flavor.memoryMb,
    rootGb: flavor.rootGb,
    ephemeralGb: sizes('ephemeral'),
    swapMb: sizes('swap')[0] ?? 0,
    image: guestImage(image),
    ...(image.kernel && { kernel: guestImage(image.kernel) }),
    ...(image.ramdisk && { ramdisk: guestImage(image.ramdisk) }),
    ...(image.properties.os_command_line !== undefined && {
      kernelArguments: image.properties.os_command_line,
    }),
    interfaces: server.interfaces.map(({ portId, networkId, mac, mtu }) => ({ portId, networkId, mac, mtu })),
    configDrive: server.configDrive ? await configDriveFiles(service, server) : null,
    hardware: hardwareOf(server),
    ...(rescue && { rescue: guestImage(rescue) }),
    ...(rescue?.device && { rescueDevice: rescue.device }),
  };
}

const guestImage = ({ id, format, size, hash }: ImageFile): GuestImage => ({ id, format, size, hash });
