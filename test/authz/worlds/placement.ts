import { placementApi } from '#services/placement/api.ts';

import { PlacementClient } from '../../support/placement.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, ownerIds, type Subject } from '../world.ts';

/** Placement, whose things are nobody's: only usage is asked of a project. */
export const placementSubject: Subject = { api: placementApi, build };

/** Providers belong to nobody; only how much a project uses is a matter of the project. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const placement = await PlacementClient.open(database);
  await placement.put('/traits/CUSTOM_THING');
  await placement.put('/resource_classes/CUSTOM_THING');
  const provider = await placement.provider('host', { inventories: { VCPU: 8 }, traits: ['CUSTOM_THING'] });
  const consumer = await placement.allocate({ [provider]: { VCPU: 1 } });
  const queries: Readonly<Record<string, string>> = {
    '/usages': 'project_id=',
    '/allocation_candidates': 'resources=VCPU:1',
  };
  return {
    service: placement.service,
    ask: ({ path }, owner) => ({
      params: { uuid: provider, resource_class: 'VCPU', name: 'CUSTOM_THING', consumer_uuid: consumer },
      ...(queries[path] && {
        query: queries[path] + (path === '/usages' ? ownerIds[owner].project : ''),
      }),
    }),
    target: (_, owner) => ({ project_id: ownerIds[owner].project }),
    async close() {
      await placement.close();
      await remove();
    },
  };
}
