import type { RequestInfo } from '#kit/http/endpoint.ts';
import type { Version } from '#kit/http/microversion.ts';

import { linksTo } from '../links.ts';
import type { Flavor } from './store.ts';

/** What decides how a flavor is shown. */
export interface FlavorViewer {
  readonly request: RequestInfo;
  atLeast(version: Version): boolean;
  allows(rule: string): boolean;
}

/** A flavor as `GET /flavors` shows it. */
export const viewFlavorBriefly = (flavor: Flavor, viewer: FlavorViewer) => ({
  id: flavor.flavorId,
  name: flavor.name,
  links: linksTo(viewer.request, 'flavors', flavor.flavorId),
  ...(viewer.atLeast('2.55') && { description: flavor.description }),
});

/** Whether the caller is shown extra specs with a flavor. */
export const showsExtraSpecs = (viewer: FlavorViewer): boolean =>
  viewer.atLeast('2.61') && viewer.allows('os_compute_api:os-flavor-extra-specs:index');

/** A flavor with everything about it. */
export const viewFlavor = (flavor: Flavor, viewer: FlavorViewer, withExtraSpecs: boolean) => ({
  ...viewFlavorBriefly(flavor, viewer),
  ram: flavor.memoryMb,
  disk: flavor.rootGb,
  vcpus: flavor.vcpus,
  swap: viewer.atLeast('2.75') ? flavor.swapMb : flavor.swapMb || '',
  'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeralGb,
  'os-flavor-access:is_public': flavor.isPublic,
  // nothing can disable a flavor, nor has been able to for long
  ...(!viewer.atLeast('2.102') && {
    'OS-FLV-DISABLED:disabled': false,
    rxtx_factor: flavor.rxtxFactor,
  }),
  ...(withExtraSpecs && { extra_specs: flavor.extraSpecs }),
});
