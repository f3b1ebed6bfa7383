import { namespaceEndpoints } from './namespaces/api.ts';
import { metadefObjectEndpoints } from './objects/api.ts';
import { metadefPropertyEndpoints } from './properties/api.ts';
import { resourceTypeEndpoints } from './resource-types/api.ts';
import { metadefTagEndpoints } from './tags/api.ts';

/** Metadata definitions: what properties of images, flavors, volumes … mean. */
export const metadefEndpoints = [
  ...namespaceEndpoints,
  ...resourceTypeEndpoints,
  ...metadefObjectEndpoints,
  ...metadefPropertyEndpoints,
  ...metadefTagEndpoints,
];
