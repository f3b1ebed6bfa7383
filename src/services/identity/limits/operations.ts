import { forbidden } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { clash, expecting, refuseDangling, refuseDuplicate } from '../errors.ts';
import type { Identity } from '../service.ts';
import type { NewLimitFields } from './schema.ts';
import type { Limit, NewLimit } from './store.ts';

/**
 * Makes limits, all or none, and answers them in the order given. Throws `forbidden` for what is not registered,
 * `badRequest` for what refers to nothing, `conflict` for a second one of the same.
 */
export async function createLimits(service: Identity, fields: readonly NewLimitFields[]): Promise<Limit[]> {
  const limits: NewLimit[] = [];
  for (const one of fields) limits.push(await newLimit(service, one));
  const write = service.changes.apply((trx) => service.limits.insert(trx, limits));
  await refuseDangling(
    refuseDuplicate(write, () => clash('limit', 'Duplicate entry')),
    notRegistered,
  );
  const made = await Promise.all(limits.map(({ id }) => service.limits.find(id)));
  return made.filter((limit) => limit !== undefined);
}

async function newLimit(service: Identity, fields: NewLimitFields): Promise<NewLimit> {
  const { service_id: serviceId, region_id: regionId = null, resource_name: resourceName } = fields;
  if (!(await service.services.find(serviceId))) throw expecting('service_id', 'limit');
  if (regionId !== null && !(await service.regions.find(regionId))) throw expecting('region_id', 'limit');
  const ownerId = await ownerOf(service, fields);
  const registered = await service.registeredLimits.findFor(serviceId, regionId, resourceName);
  if (!registered) throw notRegistered();
  return {
    id: newHexId(),
    registeredLimitId: registered.id,
    ownerId,
    resourceLimit: fields.resource_limit,
    description: fields.description ?? null,
  };
}

const notRegistered = () => forbidden('Unable to create a limit that has no corresponding registered limit.');

/** Whose limit it is. A domain may also be named as the project it is. */
async function ownerOf({ projects }: Identity, fields: NewLimitFields): Promise<string> {
  const isDomain = 'domain_id' in fields;
  const id = isDomain ? fields.domain_id : fields.project_id;
  const owner = await projects.find(id);
  if (!owner || (isDomain && !owner.isDomain))
    throw expecting(isDomain ? 'domain_id' : 'project_id', 'limit');
  return id;
}
