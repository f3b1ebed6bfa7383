import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions/address_scope.py */

export const addressScopeNotFound = (id: string) =>
  notFound(`Address scope ${id} could not be found.`, { type: 'AddressScopeNotFound' });

export const addressScopeInUse = (id: string) =>
  conflict(
    `Unable to complete operation on address scope ${id}. There are one or more subnet pools in use on the address scope.`,
    { type: 'AddressScopeInUse' },
  );

export const addressScopeStaysShared = (id: string) =>
  badRequest(`Unable to update address scope ${id} : Shared address scope can't be unshared.`, {
    type: 'AddressScopeUpdateError',
  });

export const scopeAffinity = () =>
  badRequest(
    'Subnets of the same address family hosted on the same network must all participate in the same address scope.',
    { type: 'NetworkAddressScopeAffinityError' },
  );
