import type { Credentials } from '#kit/auth/credentials.ts';
import type { Target } from '#kit/auth/rule-parser.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import type { Call } from '#kit/http/endpoint.ts';

import type { Image } from '../service.ts';
import { noSuchImage } from './errors.ts';
import type { Viewer } from './query.ts';
import type { ImageRecord } from './record.ts';

type AnyCall = Pick<Call<Image>, 'service' | 'auth' | 'allows'>;

/** How a caller sees the images. */
export const viewerOf = (call: AnyCall): Viewer => ({
  projectId: call.auth.projectId,
  admin: call.allows('context_is_admin'),
});

/** The image a path names, for a caller who may see it. Throws `notFound`, in `words` if they are given. */
export async function visibleImage(call: AnyCall, id: string, words?: string): Promise<ImageRecord> {
  const image = await findVisible(call.service, id, viewerOf(call));
  if (!image) throw words === undefined ? noSuchImage(id) : notFound(words);
  return image;
}

/**
 * As {@link visibleImage}, for an endpoint that `rule` guards: who may neither do that nor get the image is not told that
 * it is there.
 */
export async function imageFor(
  call: AnyCall,
  rule: string,
  id: string,
  words?: string,
): Promise<ImageRecord> {
  const image = await visibleImage(call, id, words);
  const target = targetOf(image, call.auth);
  const isKnown = (rule !== 'get_image' && call.allows(rule, target)) || call.allows('get_image', target);
  if (!isKnown) throw notFound('The resource could not be found.');
  return image;
}

/** An image a viewer may see (glance/db/utils.py, is_image_visible); a share is seen whatever they said to it. */
export async function findVisible(
  { images, members }: Image,
  id: string,
  { admin, projectId }: Viewer,
): Promise<ImageRecord | undefined> {
  const image = await images.find(id);
  if (!image || admin || image.owner === null) return image;
  if (image.visibility === 'public' || image.visibility === 'community') return image;
  if (projectId === undefined) return undefined;
  if (image.owner === projectId) return image;
  const shared = image.visibility === 'shared' && (await members.find(id, projectId));
  return shared ? image : undefined;
}

/** What policy rules may look at in an image. */
export const targetOf = (image: ImageRecord, caller: Credentials): Target => ({
  ...image.properties,
  id: image.id,
  name: image.name,
  owner: image.owner,
  project_id: image.owner,
  // whoever sees another's shared image is a member of it
  member_id: image.visibility === 'shared' && image.owner !== caller.projectId ? caller.projectId : null,
  visibility: image.visibility,
  status: image.status,
  protected: image.protected,
  os_hidden: image.hidden,
  disk_format: image.diskFormat,
  container_format: image.containerFormat,
});
