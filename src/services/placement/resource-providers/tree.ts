import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import type { Call } from '#kit/http/endpoint.ts';

import { errorCodes } from '../faults.ts';
import { type AnyCall, takesJson } from '../requests.ts';
import type { Placement } from '../service.ts';
import type { Change, Stores } from '../stores.ts';
import type { Provider } from './store.ts';

/** A provider by its UUID. Throws `notFound`. */
export async function findProvider(stores: Stores, uuid: string): Promise<Provider> {
  const provider = await stores.providers.find(uuid);
  if (!provider) throw notFound(`No resource provider with uuid ${uuid} found`);
  return provider;
}

/**
 * What endpoints that take JSON for a provider check first. A provider that is not there is 404 before the body is
 * looked at, but 403 for those who may not know.
 */
export const takesJsonOf =
  (rule: string) =>
  async (call: AnyCall & Pick<Call<Placement, { uuid: string }>, 'enforce' | 'params'>): Promise<void> => {
    takesJson(call);
    call.enforce(rule);
    await findProvider(call.service.stores, call.params.uuid);
  };

/** A provider to be made. */
export interface NewProvider {
  readonly uuid: string;
  readonly name: string;
  readonly parentUuid: string | null;
}

/** Makes a provider, alone or under a parent. Throws `conflict` when its UUID or name is taken. */
export async function createProvider(change: Change, wanted: NewProvider): Promise<Provider> {
  const refuse = (reason: string) =>
    badRequest(
      `Unable to create resource provider "${wanted.name}", ${wanted.uuid}: Object action create failed because: ${reason}`,
    );
  if (wanted.name === '') throw refuse('name is required');
  let rootUuid = wanted.uuid;
  if (wanted.parentUuid !== null) {
    if (wanted.parentUuid === wanted.uuid)
      throw refuse(
        'parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if there is no parent.',
      );
    const parent = await change.providers.find(wanted.parentUuid);
    if (!parent) throw refuse('parent provider UUID does not exist.');
    rootUuid = parent.rootUuid;
  }
  await refuseDuplicates(change, wanted);
  const provider: Provider = {
    ...wanted,
    rootUuid,
    generation: 0,
    createdAt: change.now,
    updatedAt: null,
  };
  await change.providers.insert(provider, change.revision);
  return provider;
}

async function refuseDuplicates(change: Change, wanted: NewProvider): Promise<void> {
  const taken = [];
  if (await change.providers.find(wanted.uuid)) taken.push(`uuid: ${wanted.uuid}`);
  if (await change.providers.findByName(wanted.name)) taken.push(`name: ${wanted.name}`);
  if (taken.length > 0) {
    throw conflict(`Conflicting resource provider ${taken.join(', ')} already exists.`, {
      code: errorCodes.duplicateName,
    });
  }
}

/** What an update changes; a parent left out stays. */
export interface ProviderUpdate {
  readonly name: string;
  readonly parentUuid: string | null | undefined;
}

/**
 * Renames or moves a provider. Before microversion 1.37 a provider without a parent could be given one, but not change
 * or lose it. Throws `badRequest` when the parent is not there or lies below the provider, `conflict` for a taken name.
 */
export async function updateProvider(
  change: Change,
  uuid: string,
  update: ProviderUpdate,
  mayMove: boolean,
): Promise<Provider> {
  const provider = await findProvider(change, uuid);
  const parentUuid = update.parentUuid === undefined ? provider.parentUuid : update.parentUuid;
  const rootUuid = await newRoot(change, provider, parentUuid, mayMove);
  const sameName = await change.providers.findByName(update.name);
  if (sameName && sameName.uuid !== uuid) {
    throw conflict(`Conflicting resource provider ${update.name} already exists.`, {
      code: errorCodes.duplicateName,
    });
  }
  const updated: Provider = { ...provider, name: update.name, parentUuid, rootUuid, updatedAt: change.now };
  if (rootUuid !== provider.rootUuid) {
    const below = await subtree(change, provider);
    await change.providers.setRoot(below, rootUuid, change.revision);
  }
  await change.providers.update(updated, change.revision);
  return updated;
}

async function newRoot(
  change: Change,
  provider: Provider,
  parentUuid: string | null,
  mayMove: boolean,
): Promise<string> {
  const refuse = (action: string, reason: string) =>
    badRequest(
      `Unable to save resource provider ${provider.uuid}: Object action ${action} failed because: ${reason}`,
    );
  if (parentUuid === null) {
    if (provider.parentUuid !== null && !mayMove)
      throw refuse('update', 'un-parenting a provider is not currently allowed.');
    return provider.uuid;
  }
  const parent = await change.providers.find(parentUuid);
  if (!parent) throw refuse('create', 'parent provider UUID does not exist.');
  if (provider.parentUuid !== null && provider.parentUuid !== parentUuid && !mayMove)
    throw refuse('update', 're-parenting a provider is not currently allowed.');
  if ((await subtree(change, provider)).includes(parentUuid))
    throw refuse('update', 'creating loop in the provider tree is not allowed.');
  return parent.rootUuid;
}

/** A provider and all below it. */
async function subtree(stores: Stores, top: Provider): Promise<string[]> {
  const tree = await stores.providers.tree(top.rootUuid);
  const found = [top.uuid];
  for (const uuid of found) found.push(...tree.filter((p) => p.parentUuid === uuid).map((p) => p.uuid));
  return found;
}

/** Removes a provider and what belongs to it. Throws `conflict` while it has children or allocations. */
export async function removeProvider(change: Change, uuid: string): Promise<void> {
  if (!(await change.providers.find(uuid)))
    throw notFound(`No resource provider with uuid ${uuid} found for delete`);
  if (await change.providers.hasChildren(uuid)) {
    throw conflict(`Unable to delete parent resource provider ${uuid}: It has child resource providers.`, {
      code: errorCodes.cannotDeleteParent,
    });
  }
  if ((await change.allocations.classesInUse(uuid)).size > 0) {
    throw conflict(`Unable to delete resource provider ${uuid}: Resource provider has allocations.`, {
      code: errorCodes.providerInUse,
    });
  }
  await change.inventories.removeAll(uuid);
  await change.traits.replaceOfProvider(uuid, []);
  await change.aggregates.replace(uuid, []);
  await change.providers.remove(uuid);
  await change.clock.startEpoch();
}
