import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

/** neutron_lib/exceptions/address_group.py */

/** For a group that is not there or not the caller's to see, also as the remote side of a rule: 404. */
export const addressGroupNotFound = (id: string) =>
  notFound(`Address group ${id} could not be found.`, { type: 'AddressGroupNotFound' });

/** When a group is to be removed that security group rules name: 409. */
export const addressGroupInUse = (id: string) =>
  conflict(`Address group ${id} is in use on one or more security group rules.`, {
    type: 'AddressGroupInUse',
  });

/** When `remove_addresses` names what the group does not have; nothing is removed then: 404. */
export const addressesNotFound = (addresses: readonly string[], id: string) =>
  notFound(`Addresses ${repr(addresses)} not found in the address group ${id}.`, {
    type: 'AddressesNotFound',
  });

/** When `add_addresses` names what the group has already; nothing is added then: 400. */
export const addressesExist = (addresses: readonly string[], id: string) =>
  badRequest(`Addresses ${repr(addresses)} already exist in the address group ${id}.`, {
    type: 'AddressesAlreadyExist',
  });
