import type { Noun } from '../resource/noun.ts';
import { addressScopeNotFound } from './errors.ts';
import { addressScopeAttributes } from './schema.ts';
import { type AddressScopeRow, findAddressScope, listAddressScopes } from './store.ts';
import { viewAddressScope } from './view.ts';

/** Neutron's `address-scope`: without standard attributes, so without a revision, and without a quota. */
export const addressScopes: Noun<AddressScopeRow, typeof addressScopeAttributes> = {
  name: 'address_scope',
  collection: 'address_scopes',
  attributes: addressScopeAttributes,
  notFound: addressScopeNotFound,
  find: findAddressScope,
  list: listAddressScopes,
  view: viewAddressScope,
  target: (scope) => ({ project_id: scope.project_id, shared: scope.shared === 1 }),
};
