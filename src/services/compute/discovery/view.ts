import type { RequestInfo } from '#kit/http/endpoint.ts';

import { computeMicroversions } from '../versions.ts';

/** A major version of the API. */
interface Major {
  readonly id: string;
  /** Its place under the root. */
  readonly path: string;
  readonly status: string;
  readonly version: string;
  readonly minVersion: string;
  /** When it last changed, as Nova says. */
  readonly updated: string;
  readonly mediaType: string;
}

/** v2.0 is v2.1 without strict validation and without microversions. */
export const v20: Major = {
  id: 'v2.0',
  path: 'v2',
  status: 'DEPRECATED',
  version: '',
  minVersion: '',
  updated: '2025-07-04T12:00:00Z',
  mediaType: 'application/vnd.openstack.compute+json;version=2',
};

/** The API with microversions. `updated` is when Nova 2.1 first came; what it can do now, `version` tells. */
export const v21: Major = {
  id: 'v2.1',
  path: 'v2.1',
  status: 'CURRENT',
  version: computeMicroversions.max,
  minVersion: computeMicroversions.min,
  updated: '2013-07-23T11:33:21Z',
  mediaType: 'application/vnd.openstack.compute+json;version=2.1',
};

const selfLink = (major: Major, request: RequestInfo) => ({
  rel: 'self',
  href: `${request.origin}/${major.path}/`,
});

const mediaTypes = (major: Major) => [{ base: 'application/json', type: major.mediaType }];

const basics = (major: Major) => ({
  id: major.id,
  status: major.status,
  version: major.version,
  min_version: major.minVersion,
  updated: major.updated,
});

/** A version in the answer to a request that named none. */
export const viewChoice = (major: Major, origin: string, path: string) => ({
  id: major.id,
  status: major.status,
  links: [{ rel: 'self', href: `${origin}/${major.path}${path}` }],
  'media-types': mediaTypes(major),
});

/** A version in the list of versions. */
export const viewVersionBriefly = (major: Major, request: RequestInfo) => ({
  ...basics(major),
  links: [selfLink(major, request)],
});

/** A version by itself. */
export const viewVersion = (major: Major, request: RequestInfo) => ({
  ...basics(major),
  links: [
    selfLink(major, request),
    { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
  ],
  'media-types': mediaTypes(major),
});
