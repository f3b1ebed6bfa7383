import { isoSeconds } from '#kit/clock/clock.ts';

import type { Association, ResourceType } from './store.ts';

/** The resource types there are. */
export const viewResourceTypes = (types: readonly ResourceType[]) => ({
  resource_types: types.map(({ name, createdAt, updatedAt }) => ({
    name,
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(updatedAt),
  })),
});

/** An association as the API shows it. */
export const viewAssociation = (association: Association) => ({
  name: association.name,
  ...(association.prefix !== null && { prefix: association.prefix }),
  ...(association.propertiesTarget !== null && { properties_target: association.propertiesTarget }),
  created_at: isoSeconds(association.createdAt),
  updated_at: isoSeconds(association.updatedAt),
});

/** The associations of a namespace. */
export const viewAssociations = (associations: readonly Association[]) => ({
  resource_type_associations: associations.map(viewAssociation),
});
