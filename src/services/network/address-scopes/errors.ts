import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions/address_scope.py */

/** For a scope that is not there or not the caller's to see, also as that of a subnet pool: 404. */
export const addressScopeNotFound = (id: string) =>
  notFound(`Address scope ${id} could not be found.`, { type: 'AddressScopeNotFound' });

/** When a scope is to be removed that subnet pools are in: 409. */
export const addressScopeInUse = (id: string) =>
  conflict(
    `Unable to complete operation on address scope ${id}. There are one or more subnet pools in use on the address scope.`,
    { type: 'AddressScopeInUse' },
  );

/** When `shared` is to be taken back from a scope; others may have pools in it: 400. */
export const addressScopeStaysShared = (id: string) =>
  badRequest(`Unable to update address scope ${id} : Shared address scope can't be unshared.`, {
    type: 'AddressScopeUpdateError',
  });

/** When a network would get subnets of one IP version from pools in different scopes: 400. */
export const scopeAffinity = () =>
  badRequest(
    'Subnets of the same address family hosted on the same network must all participate in the same address scope.',
    { type: 'NetworkAddressScopeAffinityError' },
  );
