import { attributes, identity, named } from '../resource/attribute.ts';
import { bool, integer, oneOf } from '../resource/values.ts';

/** neutron_lib/api/definitions/address_scope.py; `ip_version` is fixed for good. */
export const addressScopeAttributes = attributes({
  ...identity,
  ...named,
  shared: { type: bool, post: true, put: true, default: false, filter: true, guarded: true },
  ip_version: { type: oneOf([4, 6], integer.convert), post: true, filter: true, sort: true },
});
