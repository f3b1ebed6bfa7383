import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import type { ImageRecord, ImageStatus } from './record.ts';

/** Which status may follow which (glance/domain/__init__.py). A deleted image is gone. */
const followers: Readonly<Record<ImageStatus, readonly ImageStatus[]>> = {
  queued: ['saving', 'uploading', 'importing'],
  saving: ['active', 'queued'],
  uploading: ['importing', 'queued'],
  importing: ['active', 'queued'],
  active: ['deactivated'],
  deactivated: ['active'],
};

/**
 * Throws `conflict` unless an image may come into this status, and `badRequest` when data is to be saved although the
 * formats are not set.
 */
export function checkTransition(image: ImageRecord, status: ImageStatus): void {
  if (!followers[image.status].includes(status))
    throw conflict(`Image status transition from ${image.status} to ${status} is not allowed`);
  if (status === 'saving' || status === 'importing') requireFormats(image);
}

function requireFormats({ diskFormat, containerFormat }: ImageRecord): void {
  const missing = [!diskFormat && 'disk_format', !containerFormat && 'container_format'].filter(Boolean);
  if (missing.length > 0)
    throw badRequest(
      `${missing.length === 1 ? 'Property' : 'Properties'} ${missing.join(', ')} must be set prior to saving data.`,
    );
}
