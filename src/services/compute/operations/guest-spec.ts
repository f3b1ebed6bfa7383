import type { GuestImage, GuestSpec } from '#contracts/guest.ts';

import { configDriveFiles } from '../metadata/config-drive.ts';
import { type ImageFile, instanceName, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { hardwareOf } from './hardware.ts';

/** What a guest is to be right now, whole: the agent can make it from this alone. */
export async function guestSpecOf(
  service: Compute,
  server: Server,
  options: { rescue?: ImageFile } = {},
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
    ...(options.rescue && { rescue: guestImage(options.rescue) }),
  };
}

const guestImage = ({ id, format, size, hash }: ImageFile): GuestImage => ({ id, format, size, hash });
