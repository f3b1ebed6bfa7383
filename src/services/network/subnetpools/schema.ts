import { attributes, identity, standard, tagged } from '../resource/attribute.ts';
import { bool, cidr, listOf, nonEmptyName, nonNegative, nullable, uuid } from '../resource/values.ts';

const length = {
  type: nonNegative,
  post: true,
  put: true,
  optional: true,
  filter: true,
  sort: true,
} as const;

/** neutron_lib/api/definitions/subnetpool.py and what extensions add to it. */
export const subnetPoolAttributes = attributes({
  ...identity,
  ...standard,
  ...tagged,
  name: { type: nonEmptyName, post: true, put: true, filter: true, sort: true },
  prefixes: { type: listOf(cidr), post: true, put: true },
  default_quota: {
    type: nullable(nonNegative),
    post: true,
    put: true,
    optional: true,
    filter: true,
    sort: true,
  },
  ip_version: { type: nonNegative, filter: true, sort: true },
  default_prefixlen: length,
  min_prefixlen: length,
  max_prefixlen: length,
  is_default: { type: bool, post: true, put: true, default: false, filter: true, sort: true, guarded: true },
  shared: { type: bool, post: true, default: false, filter: true, guarded: true },
  address_scope_id: { type: nullable(uuid), post: true, put: true, optional: true, filter: true, sort: true },
});
