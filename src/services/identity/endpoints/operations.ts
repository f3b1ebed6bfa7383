import { badRequest } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { isUrlTemplate } from '../catalog/url-template.ts';
import { expecting, refuseDangling } from '../errors.ts';
import { normalized } from '../fields.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import type { EndpointFields } from './schema.ts';
import type { CatalogEndpoint } from './store.ts';

/**
 * Makes an endpoint of a service. Throws `badRequest` for a URL that is no template, and for a service or region
 * there is not.
 */
export async function createEndpoint(service: Identity, fields: EndpointFields): Promise<CatalogEndpoint> {
  const { id: _, interface: face, service_id: serviceId, url, enabled, ...rest } = fields;
  const { region_id: __, region: ___, ...extra } = rest;
  if (!isUrlTemplate(url!)) throw badRequest(`Cannot create an endpoint with an invalid URL: ${url}.`);
  const regionId = await regionOf(service, fields);
  await requireReferences(service, regionId, serviceId);
  const endpoint: CatalogEndpoint = {
    id: newHexId(),
    serviceId: serviceId!,
    interface: face!,
    regionId: regionId ?? null,
    url: url!,
    enabled: enabled ?? true,
    extra: normalized(extra),
  };
  await refuseDangling(
    service.changes.apply((trx) => service.endpoints.insert(trx, endpoint)),
    () => expecting('endpoint service_id', 'service table'),
  );
  return endpoint;
}

/**
 * Changes what `fields` name; throws as {@link createEndpoint}, but takes any URL, as Keystone does: an endpoint whose URL
 * is no template is in no catalog.
 */
export async function updateEndpoint(
  service: Identity,
  endpoint: CatalogEndpoint,
  fields: EndpointFields,
): Promise<CatalogEndpoint> {
  const { id, interface: face, service_id: serviceId, url, enabled, ...rest } = fields;
  const { region_id: _, region: __, ...extra } = rest;
  refuseOtherId(id, endpoint.id);
  const regionId = await regionOf(service, fields);
  await requireReferences(service, regionId, serviceId);
  const updated: CatalogEndpoint = {
    id: endpoint.id,
    serviceId: serviceId ?? endpoint.serviceId,
    interface: face ?? endpoint.interface,
    regionId: regionId === undefined ? endpoint.regionId : regionId,
    url: url ?? endpoint.url,
    enabled: enabled ?? endpoint.enabled,
    extra: { ...endpoint.extra, ...extra },
  };
  await refuseDangling(
    service.changes.apply((trx) => service.endpoints.update(trx, updated)),
    () => expecting('endpoint service_id', 'service table'),
  );
  return updated;
}

/** The region named; one that is given the old way, as `region`, is made when it is not there. */
async function regionOf(
  { regions }: Identity,
  { region_id: regionId, region }: EndpointFields,
): Promise<string | null | undefined> {
  if (regionId != null || region == null) return regionId;
  if (!(await regions.find(region)))
    await regions.insert({ id: region, description: '', parentRegionId: null, extra: {} });
  return region;
}

async function requireReferences(
  { regions, services }: Identity,
  regionId: string | null | undefined,
  serviceId: string | undefined,
): Promise<void> {
  if (regionId != null && !(await regions.find(regionId)))
    throw expecting('endpoint region_id', 'region table');
  if (serviceId !== undefined && !(await services.find(serviceId)))
    throw expecting('endpoint service_id', 'service table');
}
