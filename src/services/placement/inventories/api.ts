import { badRequest, conflict, isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { errorCodes } from '../faults.ts';
import { allowedSince, answer, answersJson, locationOf, newest } from '../requests.ts';
import { findProvider, takesJsonOf } from '../resource-providers/tree.ts';
import { providerPath } from '../resource-providers/view.ts';
import type { Placement } from '../service.ts';
import type { Change } from '../stores.ts';
import { unknownClass } from '../vocabulary.ts';
import {
  addInventory,
  checkCapacity,
  checkGeneration,
  inventoryFrom,
  removeInventory,
  setInventories,
  updateInventory,
} from './inventories.ts';
import { createInventoryBody, setInventoriesBody, updateInventoryBody } from './schema.ts';
import { viewInventories, viewOneInventory } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#resource-provider-inventories */
export const inventoryEndpoints = [
  endpoint({
    method: 'GET',
    path: '/resource_providers/{uuid}/inventories',
    policy: 'placement:resource_providers:inventories:list',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const provider = await findProvider(stores, call.params.uuid);
      const inventories = await stores.inventories.list(provider.uuid);
      return answer(call, viewInventories(inventories, provider.generation), {
        modified: newest(inventories),
      });
    },
  }),

  endpoint({
    method: 'POST',
    path: '/resource_providers/{uuid}/inventories',
    policy: 'placement:resource_providers:inventories:create',
    body: createInventoryBody,
    status: 201,
    load: takesJsonOf('placement:resource_providers:inventories:create'),
    handler: async (call) => {
      const { resource_class: resourceClass, ...record } = call.body;
      return call.service.change(async (change) => {
        const provider = await findProvider(change, call.params.uuid);
        const inventory = inventoryFrom(resourceClass, record, change.now);
        checkCapacity(provider.uuid, [inventory], call.atLeast('1.26'), 'Unable to create inventory');
        await addInventory(change, provider, inventory);
        return answer(call, viewOneInventory(inventory, provider.generation + 1), {
          modified: change.now,
          headers: locationOf(call, `${providerPath(provider.uuid)}/inventories/${resourceClass}`),
        });
      });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/resource_providers/{uuid}/inventories',
    policy: 'placement:resource_providers:inventories:update',
    body: setInventoriesBody,
    status: 200,
    load: takesJsonOf('placement:resource_providers:inventories:update'),
    handler: async (call) =>
      call.service.change(async (change) => {
        const provider = await findProvider(change, call.params.uuid);
        checkGeneration(provider, call.body.resource_provider_generation);
        const inventories = Object.entries(call.body.inventories).map(([name, record]) =>
          inventoryFrom(name, record, change.now),
        );
        checkCapacity(provider.uuid, inventories, call.atLeast('1.26'), 'Unable to update inventory');
        const unknown = await unknownClass(change, Object.keys(call.body.inventories));
        if (unknown) {
          throw badRequest(
            `Unknown resource class in inventory for resource provider ${provider.uuid}: No such resource class ${unknown}.`,
          );
        }
        await prefixed('update conflict', setInventories(change, provider, inventories));
        return answer(call, viewInventories(inventories, provider.generation + 1), {
          modified: change.now,
        });
      }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/resource_providers/{uuid}/inventories',
    policy: 'placement:resource_providers:inventories:delete',
    status: 204,
    load: (call) => allowedSince(call, '1.5'),
    handler: ({ service, params }) =>
      service.change(async (change) => setInventories(change, await findProvider(change, params.uuid), [])),
  }),

  endpoint({
    method: 'GET',
    path: '/resource_providers/{uuid}/inventories/{resource_class}',
    policy: 'placement:resource_providers:inventories:show',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { uuid, resource_class: resourceClass } = call.params;
      const { stores } = call.service;
      const provider = await findProvider(stores, uuid);
      const inventories = await stores.inventories.list(uuid);
      const inventory = inventories.find((i) => i.resourceClass === resourceClass);
      if (!inventory) throw notFound(`No inventory of class ${resourceClass} for ${uuid}`);
      return answer(call, viewOneInventory(inventory, provider.generation), {
        modified: newest([inventory]),
      });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/resource_providers/{uuid}/inventories/{resource_class}',
    policy: 'placement:resource_providers:inventories:update',
    body: updateInventoryBody,
    status: 200,
    load: takesJsonOf('placement:resource_providers:inventories:update'),
    handler: async (call) =>
      call.service.change(async (change) => {
        const provider = await findProvider(change, call.params.uuid);
        checkGeneration(provider, call.body.resource_provider_generation);
        const inventory = inventoryFrom(call.params.resource_class, call.body, change.now);
        checkCapacity(provider.uuid, [inventory], call.atLeast('1.26'), 'Unable to update inventory');
        await updateInventory(change, provider, inventory);
        return answer(call, viewOneInventory(inventory, provider.generation + 1), {
          modified: change.now,
        });
      }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/resource_providers/{uuid}/inventories/{resource_class}',
    policy: 'placement:resource_providers:inventories:delete',
    status: 204,
    handler: ({ service, params }) =>
      service.change((change) => deleteOne(change, params.uuid, params.resource_class)),
  }),
];

async function deleteOne(change: Change, uuid: string, resourceClass: string): Promise<void> {
  const provider = await findProvider(change, uuid);
  // here, other than elsewhere, Placement gives inventory in use the code of a concurrent update
  await prefixed(
    `Unable to delete inventory of class ${resourceClass}`,
    removeInventory(change, provider, resourceClass),
    errorCodes.concurrentUpdate,
  );
}

/** Lets conflicts begin with `prefix`. */
async function prefixed(prefix: string, work: Promise<void>, code?: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
    throw conflict(`${prefix}: ${error.message}`, { ...error.details, ...(code && { code }) });
  }
}
