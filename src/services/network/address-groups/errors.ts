import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

/** neutron_lib/exceptions/address_group.py */

export const addressGroupNotFound = (id: string) =>
  notFound(`Address group ${id} could not be found.`, { type: 'AddressGroupNotFound' });

export const addressGroupInUse = (id: string) =>
  conflict(`Address group ${id} is in use on one or more security group rules.`, {
    type: 'AddressGroupInUse',
  });

export const addressesNotFound = (addresses: readonly string[], id: string) =>
  notFound(`Addresses ${repr(addresses)} not found in the address group ${id}.`, {
    type: 'AddressesNotFound',
  });

export const addressesExist = (addresses: readonly string[], id: string) =>
  badRequest(`Addresses ${repr(addresses)} already exist in the address group ${id}.`, {
    type: 'AddressesAlreadyExist',
  });
