import type { Noun } from '../resource/noun.ts';
import { addressGroupNotFound } from './errors.ts';
import { addressGroupAttributes } from './schema.ts';
import { type AddressGroupRow, findAddressGroup, listAddressGroups } from './store.ts';
import { viewAddressGroup } from './view.ts';

/** Neutron's `address-group`. Projects may have any number of them, so there is no quota. */
export const addressGroups: Noun<AddressGroupRow, typeof addressGroupAttributes> = {
  name: 'address_group',
  collection: 'address_groups',
  attributes: addressGroupAttributes,
  table: 'network_address_groups',
  notFound: addressGroupNotFound,
  find: findAddressGroup,
  list: listAddressGroups,
  view: viewAddressGroup,
  target: (group) => ({ project_id: group.project_id, shared: group.shared === 1 }),
};
