import { forbidden, isKind } from '#kit/errors/cloud-error.ts';

import { imageNotFound, imagePath } from '../images/find.ts';
import { type ImageOnWire, propertiesOf } from '../images/view.ts';
import { type AskingCall, askPeer } from '../peers/ask.ts';

const patchType = 'application/openstack-images-v2.1-json-patch';

/** Throws `forbidden` when an image has more metadata than a server may. */
export async function checkMetadataQuota(call: AskingCall, items: number): Promise<void> {
  const { metadata_items: most } = await call.service.quotas.limitsOf(call.auth.projectId ?? '');
  if (most !== -1 && items > most) throw forbidden('Image metadata limit exceeded');
}

/** Makes `metadata` the whole of an image's metadata; answers the image as it is then. */
export async function changeMetadata(
  call: AskingCall,
  image: ImageOnWire,
  metadata: Readonly<Record<string, unknown>>,
): Promise<ImageOnWire> {
  const body = differences(image, metadata);
  if (body.length === 0) return image;
  const headers = { 'content-type': patchType };
  try {
    return await askPeer<ImageOnWire>(call, 'image', 'PATCH', imagePath(image.id), { body, headers });
  } catch (error) {
    if (isKind(error, 'notFound')) throw imageNotFound(error);
    if (isKind(error, 'forbidden'))
      throw forbidden(`Not authorized for image ${image.id}.`, undefined, error);
    throw error;
  }
}

/** The JSON patch that brings an image to this metadata. */
function differences(image: ImageOnWire, wanted: Readonly<Record<string, unknown>>) {
  const present = propertiesOf(image);
  const removed = Object.keys(present)
    .filter((name) => !Object.hasOwn(wanted, name))
    .map((name) => ({ op: 'remove', path: pointer(name) }));
  const changed = Object.entries(wanted)
    .filter(([name, value]) => present[name] !== value)
    .map(([name, value]) => ({
      op: Object.hasOwn(image, name) ? 'replace' : 'add',
      path: pointer(name),
      value,
    }));
  return [...removed, ...changed];
}

const pointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
