import type { ImageFacts } from '#contracts/image.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { badRequest, forbidden, isKind } from '#kit/errors/cloud-error.ts';

import type { Compute } from '../service.ts';
import type { FlavorSnapshot, ImageFile, ImageSnapshot } from './server.ts';

const gibibyte = 2 ** 30;

/** An image that a server is to be made from. Throws `badRequest` with `missing` when the caller has no such image. */
export async function findImage(
  service: Compute,
  id: string,
  caller: Credentials,
  missing: string,
): Promise<ImageFacts> {
  try {
    return await service.parts.image.get(id, caller);
  } catch (error) {
    if (isKind(error, 'notFound', 'forbidden')) throw badRequest(missing, undefined, error);
    throw error;
  }
}

/** What a server remembers of its image, with the kernel and ramdisk the image names. */
export async function snapshotImage(
  service: Compute,
  image: ImageFacts,
  caller: Credentials,
): Promise<ImageSnapshot> {
  const { kernel_id: kernelId, ramdisk_id: ramdiskId } = image.properties;
  const bootsKernel = kernelId !== undefined && kernelId !== '' && kernelId !== 'nokernel';
  const file = async (id: string): Promise<ImageFile> =>
    fileOf(await findImage(service, id, caller, `Image ${id} could not be found.`));
  return {
    ...fileOf(image),
    containerFormat: image.containerFormat ?? 'bare',
    minDisk: image.minDisk,
    minRam: image.minRam,
    properties: image.properties,
    ...(bootsKernel && { kernel: await file(kernelId) }),
    ...(bootsKernel && ramdiskId && { ramdisk: await file(ramdiskId) }),
  };
}

/** An image's file, as agents fetch it. */
export const fileOf = (image: ImageFacts): ImageFile => ({
  id: image.id,
  format: image.diskFormat ?? 'raw',
  size: image.size ?? 0,
  hash: image.hashAlgorithm === 'sha512' ? image.hashValue : null,
});

/**
 * Checks that a flavor can carry an image, as Nova's _validate_flavor_image does. Throws `badRequest`, or `forbidden` for
 * a flavor without a disk unless `zeroDisk` says that the caller may.
 */
export function checkFlavorImage(
  flavor: FlavorSnapshot,
  image: Pick<ImageFacts, 'id' | 'size' | 'virtualSize' | 'minDisk' | 'minRam' | 'properties'>,
  zeroDisk: () => boolean,
): void {
  const drive = image.properties.img_config_drive ?? 'optional';
  if (drive !== 'optional' && drive !== 'mandatory')
    throw badRequest(`Image's config drive option '${drive}' is invalid`);
  if (flavor.memoryMb < image.minRam) throw badRequest("Flavor's memory is too small for requested image.");
  if (flavor.rootGb === 0) {
    if (!zeroDisk()) {
      throw forbidden('Only volume-backed servers are allowed for flavors with zero disk.');
    }
    return;
  }
  const disk = flavor.rootGb * gibibyte;
  const size = Math.max(image.size ?? 0, image.virtualSize ?? 0);
  if (size > disk) {
    throw badRequest(
      `Flavor's disk is too small for requested image. Flavor disk is ${disk} bytes, image is ${size} bytes.`,
    );
  }
  if (image.minDisk * gibibyte > disk) {
    throw badRequest(
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${disk} bytes, minimum size is ${image.minDisk * gibibyte} bytes.`,
    );
  }
}

/** Throws `badRequest` unless a server may be made of the image as it is. */
export function checkBootable(image: ImageFacts): void {
  if (image.properties.cinder_encryption_key_id !== undefined) {
    throw badRequest(
      `Image ${image.id} is unacceptable: Direct booting of an image uploaded from an encrypted volume is unsupported.`,
    );
  }
  if (image.status !== 'active') throw badRequest(`Image ${image.id} is not active.`);
}

/** Whether the disk is to be grown by itself: as asked, else as the image says. Throws when the image forbids it. */
export function autoDiskConfigOf(
  asked: 'AUTO' | 'MANUAL' | undefined,
  image: Pick<ImageFacts, 'id' | 'properties'>,
): boolean {
  const property = image.properties.auto_disk_config;
  if (asked === 'AUTO' && property === 'Disabled') {
    throw badRequest(`Requested image ${image.id} has automatic disk resize disabled.`);
  }
  return asked === undefined ? property?.toLowerCase() === 'true' : asked === 'AUTO';
}
