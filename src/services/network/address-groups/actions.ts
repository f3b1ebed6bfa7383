import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { badBody } from '../errors.ts';
import { loading, presenter } from '../resource/handlers.ts';
import { bump } from '../resource/revision.ts';
import { everything, viewerOf } from '../resource/viewer.ts';
import type { Network } from '../service.ts';
import type { Work } from '../work.ts';
import { addressGroupNotFound } from './errors.ts';
import { addAddresses, removeAddresses } from './lifecycle.ts';
import { addressGroups } from './noun.ts';
import { addressSet } from './schema.ts';
import { type AddressGroupRow, findAddressGroup } from './store.ts';

const endpoint = endpointOf<Network>();

/**
 * `add_addresses` and `remove_addresses` (neutron_lib/api/definitions/address_group.py). Their bodies are bare,
 * without the resource's key.
 */
export const addressGroupActionEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/address-groups/{id}/add_addresses',
    policy: 'add_addresses',
    load: loading(addressGroups),
    target: addressGroups.target,
    body: 'json',
    status: 200,
    handler: (call) => changeAddresses(call, addAddresses),
  }),
  endpoint({
    method: 'PUT',
    path: '/address-groups/{id}/remove_addresses',
    policy: 'remove_addresses',
    load: loading(addressGroups),
    target: addressGroups.target,
    body: 'json',
    status: 200,
    handler: (call) => changeAddresses(call, removeAddresses),
  }),
];

type Change = (work: Work, group: AddressGroupRow, addresses: readonly string[]) => Promise<void>;

async function changeAddresses(
  call: Call<Network, { id: string }, unknown, AddressGroupRow>,
  change: Change,
) {
  const { service, params } = call;
  const addresses = readAddresses(call.body);
  const viewer = viewerOf(call);
  const group = await service.write(async (work) => {
    await bump(work, 'network_address_groups', params.id, addressGroupNotFound);
    await change(work, (await findAddressGroup(work.db, params.id, viewer))!, addresses);
    return (await findAddressGroup(work.db, params.id, everything))!;
  });
  return { address_group: presenter(addressGroups, call, group)(group) };
}

function readAddresses(body: unknown): readonly string[] {
  const given = (body as { addresses?: unknown } | undefined)?.addresses;
  if (given === undefined) throw badBody("Unable to find 'addresses' in request body");
  const addresses = addressSet.convert!(given);
  const problem = addressSet.problem!(addresses);
  if (problem) throw badBody(`Invalid input for addresses. Reason: ${problem}.`);
  return addresses as string[];
}
