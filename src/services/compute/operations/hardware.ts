import type { GuestHardware } from '#contracts/guest.ts';

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

const oneOf = <const T extends string>(words: readonly T[], word: string | undefined): T | undefined =>
  words.find((known) => known === word);
