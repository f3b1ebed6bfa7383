import { badRequest, notAcceptable } from '#kit/errors/cloud-error.ts';
import type { MicroversionScheme } from '#kit/http/microversion.ts';

/** How Placement negotiates. */
export const placementMicroversions: MicroversionScheme = {
  min: '1.0',
  max: '1.39',
  serviceType: 'placement',
  vary: 'openstack-api-version',
  refusal: (asked) =>
    /^\s*\d+\.\d+\s*$/.test(asked)
      ? notAcceptable(`Invalid microversion: Unacceptable version header: ${asked}`)
      : badRequest(`Invalid microversion: invalid version string: ${asked}`),
};
