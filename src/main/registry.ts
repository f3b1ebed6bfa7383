import type { Api } from '#kit/http/api.ts';
import { computeApi } from '#services/compute/api.ts';
import { identityApi } from '#services/identity/api.ts';
import { imageApi } from '#services/image/api.ts';
import { networkApi } from '#services/network/api.ts';
import { placementApi } from '#services/placement/api.ts';

/** Every API a control process serves: what the catalog, the coverage pages and the authorization tests go through. */
export const apis: readonly Api<never>[] = [identityApi, placementApi, imageApi, networkApi, computeApi];
