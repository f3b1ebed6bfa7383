import type { CatalogService, ServiceStore } from '../catalog-services/store.ts';
import type { Changes } from '../changes.ts';
import type { EndpointFilter, EndpointFilterStore } from '../endpoint-filters/store.ts';
import { isInGroup } from '../endpoint-groups/matching.ts';
import type { EndpointGroup, EndpointGroupStore } from '../endpoint-groups/store.ts';
import type { CatalogEndpoint, EndpointStore } from '../endpoints/store.ts';
import { Remembered } from '../remembered.ts';
import { fillUrl } from './url-template.ts';

const mostTexts = 1000;

/** The enabled services and endpoints, and the catalogs rendered from them, each as JSON text. */
interface Listing {
  /** The endpoints that the catalogs of some projects are limited to. */
  readonly limits: ReadonlyMap<string, ReadonlySet<string>>;
  readonly services: readonly (readonly [CatalogService, readonly CatalogEndpoint[]])[];
  readonly namesProject: boolean;
  readonly namesUser: boolean;
  readonly texts: Map<string, string>;
}

/**
 * What catalogs are made from. Whatever writes to one of these stores does so through `changes`, or catalogs go
 * stale.
 */
export interface CatalogParts {
  readonly changes: Changes;
  readonly services: ServiceStore;
  readonly endpoints: EndpointStore;
  readonly endpointGroups: EndpointGroupStore;
  readonly endpointFilters: EndpointFilterStore;
}

/**
 * The service catalog that goes into tokens. It differs between projects only where URLs name the project, or a
 * project's is limited to some endpoints.
 */
export class Catalog {
  readonly #listing: Remembered<Listing>;

  constructor(parts: CatalogParts) {
    this.#listing = new Remembered(parts.changes, async () => {
      const endpoints = await parts.endpoints.list({});
      const limits = limitsOf(
        endpoints,
        await parts.endpointFilters.list({}),
        await parts.endpointGroups.list({}),
      );
      const enabled = endpoints.filter((endpoint) => endpoint.enabled);
      return listingOf(await parts.services.list({}), enabled, limits);
    });
  }

  /** The catalog for a user and, unless the token is scoped otherwise, a project, as JSON text. */
  textFor(userId: string, projectId: string | undefined): string | Promise<string> {
    const listing = this.#listing.get();
    if (listing instanceof Promise) return listing.then((loaded) => textOf(loaded, userId, projectId));
    return textOf(listing, userId, projectId);
  }
}

function listingOf(
  services: CatalogService[],
  endpoints: CatalogEndpoint[],
  limits: Listing['limits'],
): Listing {
  const urls = endpoints.map((endpoint) => endpoint.url).join('\n');
  return {
    limits,
    services: services
      .filter((service) => service.enabled)
      .map((service) => [service, endpoints.filter((endpoint) => endpoint.serviceId === service.id)]),
    namesProject: /[$%]\((project|tenant)_id\)s/.test(urls),
    namesUser: /[$%]\(user_id\)s/.test(urls),
    texts: new Map(),
  };
}

/**
 * The endpoints each project with filters is limited to, disabled ones included: they leave it nothing, while filters that
 * match no endpoint at all do not limit.
 */
function limitsOf(
  endpoints: readonly CatalogEndpoint[],
  filters: readonly EndpointFilter[],
  groups: readonly EndpointGroup[],
): Map<string, Set<string>> {
  const limits = new Map<string, Set<string>>();
  for (const { projectId, kind, id } of filters) {
    const group = groups.find((one) => kind === 'group' && one.id === id);
    for (const endpoint of endpoints.filter((one) => (group ? isInGroup(one, group) : one.id === id)))
      limits.set(projectId, (limits.get(projectId) ?? new Set()).add(endpoint.id));
  }
  return limits;
}

function textOf(listing: Listing, userId: string, projectId: string | undefined): string {
  const limited = projectId !== undefined && listing.limits.has(projectId);
  const key = `${listing.namesProject || limited ? (projectId ?? '') : ''}/${listing.namesUser ? userId : ''}`;
  let text = listing.texts.get(key);
  if (text === undefined) {
    text = JSON.stringify(render(listing, userId, projectId));
    if (listing.texts.size >= mostTexts) listing.texts.clear();
    listing.texts.set(key, text);
  }
  return text;
}

function render({ services, limits }: Listing, userId: string, projectId: string | undefined) {
  const values = {
    user_id: userId,
    ...(projectId !== undefined && { project_id: projectId, tenant_id: projectId }),
  };
  const limit = projectId === undefined ? undefined : limits.get(projectId);
  const catalog = services.map(([service, endpoints]) => ({
    endpoints: endpoints.flatMap((endpoint) => {
      const url = limit && !limit.has(endpoint.id) ? undefined : fillUrl(endpoint.url, values);
      // without a project an endpoint whose URL names one is left out
      if (!url) return [];
      const { id, interface: face, regionId, extra } = endpoint;
      return [{ ...extra, id, interface: face, region_id: regionId, url, region: regionId }];
    }),
    id: service.id,
    type: service.type,
    name: service.name,
  }));
  return limit ? catalog.filter(({ endpoints }) => endpoints.length > 0) : catalog;
}
