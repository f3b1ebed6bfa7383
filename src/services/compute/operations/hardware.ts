import type { GuestHardware, RescueDevice } from '#contracts/guest.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';

import type { Server } from '../servers/server.ts';

/** The devices a guest has, as far as its image or flavor choose them. */
export function hardwareOf({ image: { properties }, flavor }: Server): GuestHardware {
  return {
    diskBus: oneOf(['virtio', 'scsi', 'ide', 'sata'], properties.hw_disk_bus) ?? 'virtio',
    // kernels built for clouds (Debian's for one) have no driver for SATA
    cdromBus: oneOf(['ide', 'sata', 'scsi', 'virtio'], properties.hw_cdrom_bus) ?? 'ide',
    vifModel: oneOf(['virtio', 'e1000', 'rtl8139', 'e1000e'], properties.hw_vif_model) ?? 'virtio',
    machine: properties.hw_machine_type ?? null,
    videoModel: oneOf(['virtio', 'vga', 'cirrus', 'qxl', 'none'], properties.hw_video_model) ?? 'virtio',
    rng: flavor.extraSpecs['hw_rng:allowed'] !== 'False',
  };
}

/**
 * What a rescue from an image with these properties is to be to the guest; undefined when the image does not say, as before
 * Nova had stable device rescue. Throws `badRequest` for what no guest here can boot from.
 */
export function rescueDeviceOf(properties: Readonly<Record<string, string>>): RescueDevice | undefined {
  const { hw_rescue_device: device, hw_rescue_bus: bus } = properties;
  if (device === undefined && bus === undefined) return undefined;
  const type = oneOf(['disk', 'cdrom'], device ?? 'disk');
  if (type === undefined) throw badRequest(`Requested rescue device '${device}' is not supported`);
  const usual = type === 'cdrom' ? (properties.hw_cdrom_bus ?? 'ide') : (properties.hw_disk_bus ?? 'virtio');
  const place = oneOf(['virtio', 'scsi', 'ide', 'sata', 'usb'], bus ?? usual);
  if (place === undefined)
    throw badRequest(`Requested rescue bus '${bus ?? usual}' is not supported by the 'qemu' virt driver`);
  return { type, bus: place };
}

const oneOf = <const T extends string>(words: readonly T[], word: string | undefined): T | undefined =>
  words.find((known) => known === word);
