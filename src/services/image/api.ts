import type { Api } from '#kit/http/api.ts';

import { actionEndpoints } from './actions/api.ts';
import { actionPolicies } from './actions/policy.ts';
import { dataEndpoints } from './data/api.ts';
import { dataPolicies } from './data/policy.ts';
import { discoveryEndpoints, rewriteVersion } from './discovery/api.ts';
import { imageFaults } from './faults.ts';
import { imageEndpoints } from './images/api.ts';
import { imagePolicies } from './images/policy.ts';
import { importEndpoints } from './imports/api.ts';
import { memberEndpoints } from './members/api.ts';
import { memberPolicies } from './members/policy.ts';
import { metadefEndpoints } from './metadefs/api.ts';
import { metadefPolicies } from './metadefs/policy.ts';
import { basePolicies } from './policy.ts';
import { schemaEndpoints } from './schemas/api.ts';
import type { Image } from './service.ts';
import { storeEndpoints } from './stores/api.ts';
import { storePolicies } from './stores/policy.ts';
import { tagEndpoints } from './tags/api.ts';
import { taskEndpoints } from './tasks/api.ts';
import { taskPolicies } from './tasks/policy.ts';
import { usageEndpoints } from './usage/api.ts';

/** Image's API: every endpoint, who may call it, and how it speaks. */
export const imageApi: Api<Image> = {
  type: 'image',
  project: 'glance',
  port: 9292,
  prefixes: ['/v2'],
  strictSlash: true,
  rewritePath: rewriteVersion,
  unrouted: { needsToken: (path) => /^\/v2(\/|$)/.test(path) },
  rootEndpoints: discoveryEndpoints,
  endpoints: [
    ...imageEndpoints,
    ...dataEndpoints,
    ...memberEndpoints,
    ...tagEndpoints,
    ...actionEndpoints,
    ...importEndpoints,
    ...taskEndpoints,
    ...storeEndpoints,
    ...usageEndpoints,
    ...schemaEndpoints,
    ...metadefEndpoints,
  ],
  policies: [
    ...basePolicies,
    ...imagePolicies,
    ...dataPolicies,
    ...memberPolicies,
    ...actionPolicies,
    ...taskPolicies,
    ...storePolicies,
    ...metadefPolicies,
  ],
  faults: imageFaults,
};
