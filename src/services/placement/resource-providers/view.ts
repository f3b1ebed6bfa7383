import type { AnyCall } from '../requests.ts';
import type { Provider } from './store.ts';

/** Where a provider is found; links are paths without a host. */
export const providerPath = (uuid: string): string => `/resource_providers/${uuid}`;

/** A resource provider as the API shows it. */
export const viewProvider = (provider: Provider, call: AnyCall) => ({
  uuid: provider.uuid,
  name: provider.name,
  generation: provider.generation,
  links: links(provider, call),
  ...(call.atLeast('1.14') && {
    parent_provider_uuid: provider.parentUuid,
    root_provider_uuid: provider.rootUuid,
  }),
});

function links(provider: Provider, call: AnyCall) {
  const self = providerPath(provider.uuid);
  const rels = ['inventories', 'usages'];
  if (call.atLeast('1.1')) rels.push('aggregates');
  if (call.atLeast('1.6')) rels.push('traits');
  if (call.atLeast('1.11')) rels.push('allocations');
  return [{ rel: 'self', href: self }, ...rels.map((rel) => ({ rel, href: `${self}/${rel}` }))];
}
