import type { Values } from '#kit/config/options.ts';
import { badRequest, forbidden, overQuota } from '#kit/errors/cloud-error.ts';

import type { imageOptions } from '../options.ts';
import type { Properties } from './record.ts';

/** What may stand in an image's attributes, whether it is made or changed (glance/domain, glance/quota). */

type Quotas = Pick<Values<typeof imageOptions>, 'image_property_quota' | 'image_tag_quota'>;

/** Names that only the service itself gives properties. */
export const reservedPrefix = 'os_glance';

const reserved = new Set(['location', 'deleted', 'deleted_at']);

/** Whether a property's name is one that callers may not use. */
export const isReserved = (name: string): boolean => reserved.has(name) || name.startsWith(reservedPrefix);

/** Who writes what only the service writes is refused with 403, in the words of glance/api/v2/images.py. */
export const readOnlyAttribute = (name: string) => forbidden(`Attribute '${name}' is read-only.`);

const maxInt = 2_147_483_647;

/** Throws `badRequest` unless an amount of memory or disk is one the database holds. */
export function checkMinimum(name: 'min_disk' | 'min_ram', value: number): void {
  if (value < 0)
    throw badRequest(`Invalid value '${value}' for parameter '${name}': Cannot be a negative value`);
  if (value > maxInt) throw badRequest(`'${name}' value out of range, must not exceed ${maxInt}.`);
}

/** Throws `overQuota` for more properties than an image may have. */
export function checkPropertyCount(properties: Properties, { image_property_quota: quota }: Quotas): void {
  const count = Object.keys(properties).filter((name) => !name.startsWith(reservedPrefix)).length;
  if (quota >= 0 && count > quota) throw tooMany('properties', count, quota);
}

/** Throws `overQuota` for more tags than an image may have. */
export function checkTagCount(tags: readonly string[], { image_tag_quota: quota }: Quotas): void {
  if (quota >= 0 && tags.length > quota) throw tooMany('tags', tags.length, quota);
}

const tooMany = (what: string, attempted: number, maximum: number) =>
  overQuota(
    `The limit has been exceeded on the number of allowed image ${what}. Attempted: ${attempted}, Maximum: ${maximum}`,
  );
