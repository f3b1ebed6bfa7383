import type { Api } from '#kit/http/api.ts';
import { computeApi } from '#services/compute/service.ts';
import { identityApi } from '#services/identity/service.ts';
import { imageApi } from '#services/image/service.ts';
import { networkApi } from '#services/network/service.ts';
import { placementApi } from '#services/placement/service.ts';

/** Every API a control process serves: what the catalog, the coverage pages and the authorization tests go through. */
export const apis: readonly Api<never>[] = [identityApi, placementApi, imageApi, networkApi, computeApi];
