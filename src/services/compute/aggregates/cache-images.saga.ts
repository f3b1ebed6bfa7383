import type { GuestImage } from '#contracts/guest.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import { saga } from '#kit/saga/saga.ts';

import { callHost, slowMs } from '../operations/host-calls.ts';
import type { Compute } from '../service.ts';

/** What is to be where. */
export interface CacheImagesInput {
  readonly hosts: readonly string[];
  readonly images: readonly GuestImage[];
}

/** Lets hosts fetch images before anybody boots from them. A host that cannot is passed over, as in Nova. */
export const cacheImagesSaga = saga<Compute, CacheImagesInput>('compute.aggregate.cache-images@1')
  .step('fetch', {
    do: async ({ deps, input, signal }) => {
      for (const host of input.hosts) {
        for (const image of input.images) {
          const options = { timeoutMs: slowMs, patienceMs: 0, signal };
          await callHost(deps, host, 'image.cache', { image }, options).catch((error: unknown) =>
            deps.parts.log.warn({ err: error, host, image: image.id }, `not cached: ${messageOf(error)}`),
          );
        }
      }
    },
  })
  .build();
