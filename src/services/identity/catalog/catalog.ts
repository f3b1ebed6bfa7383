import type { CatalogService, ServiceStore } from '../catalog-services/store.ts';
import type { Changes } from '../changes.ts';
import type { CatalogEndpoint, EndpointStore } from '../endpoints/store.ts';
import { Remembered } from '../remembered.ts';
import { fillUrl } from './url-template.ts';

const mostTexts = 1000;

/** The enabled services and endpoints, and the catalogs rendered from them, each as JSON text. */
interface Listing {
  readonly services: readonly (readonly [CatalogService, readonly CatalogEndpoint[]])[];
  readonly namesProject: boolean;
  readonly namesUser: boolean;
  readonly texts: Map<string, string>;
}

/** The service catalog that goes into tokens. It differs between projects only where URLs name the project. */
export class Catalog {
  readonly #listing: Remembered<Listing>;

  constructor(changes: Changes, services: ServiceStore, endpoints: EndpointStore) {
    this.#listing = new Remembered(changes, async () =>
      listingOf(await services.list({}), await endpoints.list({})),
    );
  }

  /** The catalog for a user and, unless the token is scoped otherwise, a project, as JSON text. */
  textFor(userId: string, projectId: string | undefined): string | Promise<string> {
    const listing = this.#listing.get();
    if (listing instanceof Promise) return listing.then((loaded) => textOf(loaded, userId, projectId));
    return textOf(listing, userId, projectId);
  }
}

function listingOf(services: CatalogService[], endpoints: CatalogEndpoint[]): Listing {
  const enabled = endpoints.filter((endpoint) => endpoint.enabled);
  const urls = enabled.map((endpoint) => endpoint.url).join('\n');
  return {
    services: services
      .filter((service) => service.enabled)
      .map((service) => [service, enabled.filter((endpoint) => endpoint.serviceId === service.id)]),
    namesProject: /[$%]\((project|tenant)_id\)s/.test(urls),
    namesUser: /[$%]\(user_id\)s/.test(urls),
    texts: new Map(),
  };
}

function textOf(listing: Listing, userId: string, projectId: string | undefined): string {
  const key = `${listing.namesProject ? (projectId ?? '') : ''}/${listing.namesUser ? userId : ''}`;
  let text = listing.texts.get(key);
  if (text === undefined) {
    text = JSON.stringify(render(listing, userId, projectId));
    if (listing.texts.size >= mostTexts) listing.texts.clear();
    listing.texts.set(key, text);
  }
  return text;
}

const render = ({ services }: Listing, userId: string, projectId: string | undefined) => {
  const values = {
    user_id: userId,
    ...(projectId !== undefined && { project_id: projectId, tenant_id: projectId }),
  };
  return services.map(([service, endpoints]) => ({
    endpoints: endpoints.flatMap((endpoint) => {
      const url = fillUrl(endpoint.url, values);
      // without a project an endpoint whose URL names one is left out
      if (!url) return [];
      const { id, interface: face, regionId, extra } = endpoint;
      return [{ ...extra, id, interface: face, region_id: regionId, url, region: regionId }];
    }),
    id: service.id,
    type: service.type,
    name: service.name,
  }));
};
