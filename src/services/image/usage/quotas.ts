import type { Values } from '#kit/config/options.ts';
import { overQuota } from '#kit/errors/cloud-error.ts';

import type { ImageStore } from '../images/store.ts';
import type { imageOptions } from '../options.ts';

/** What is limited: mebibytes stored and staged, and images in all and in transfer. */
export type Resource =
  | 'image_size_total'
  | 'image_stage_total'
  | 'image_count_total'
  | 'image_count_uploading';

/** Every limited resource. */
export const resources: readonly Resource[] = [
  'image_size_total',
  'image_stage_total',
  'image_count_total',
  'image_count_uploading',
];

const mebibyte = 1 << 20;

/** The limits of what a project may have in images (glance/quota/keystone.py, with limits from the configuration). */
export class Quotas {
  readonly #images: ImageStore;
  readonly #limits: Pick<Values<typeof imageOptions>, Resource>;

  constructor(images: ImageStore, limits: Pick<Values<typeof imageOptions>, Resource>) {
    this.#images = images;
    this.#limits = limits;
  }

  /** Whether anything is limited at all. */
  get enabled(): boolean {
    return resources.some((resource) => this.#limits[resource] >= 0);
  }

  /**
   * Throws `overQuota` when a project, with so much more, would have more than it may; also when it is over a limit
   * already and nothing is added.
   */
  async check(owner: string | null, wanted: Partial<Record<Resource, number>>): Promise<void> {
    const limited = resources.filter((r) => wanted[r] !== undefined && this.#limits[r] >= 0);
    if (limited.length === 0 || owner === null) return;
    const usage = await this.usage(owner);
    const over = limited.filter((r) => usage[r] + wanted[r]! > this.#limits[r]);
    if (over.length === 0) return;
    const reasons = over.map(
      (r) =>
        `Resource ${r} is over limit of ${this.#limits[r]} due to current usage ${usage[r]} and delta ${wanted[r]}`,
    );
    throw overQuota(
      `The request returned a 413 Request Entity Too Large. This generally means that rate limiting or a quota threshold was breached.\n\nThe response body:\nProject ${owner} is over a limit for [${reasons.join(', ')}]`,
    );
  }

  /** What a project has. */
  async usage(owner: string): Promise<Record<Resource, number>> {
    const { stored, staged, images, uploading } = await this.#images.usage(owner);
    return {
      image_size_total: Math.floor(stored / mebibyte),
      image_stage_total: Math.floor(staged / mebibyte),
      image_count_total: images,
      image_count_uploading: uploading,
    };
  }

  limit(resource: Resource): number {
    return this.#limits[resource];
  }
}

/** Bytes as the quotas count them. */
export const mebibytes = (bytes: number): number => Math.floor(bytes / mebibyte);
