import { notFound } from '#kit/errors/cloud-error.ts';

/** No namespace was ever associated with such a resource type; 404 (glance/common/exception.py). */
export const noSuchResourceType = (name: string) =>
  notFound(`The metadata definition resource-type with name=${name}, was not found.`);

/** The resource type is known, but not in this namespace; 404. */
export const noSuchAssociation = (namespace: string, resourceType: string) =>
  notFound(
    `The metadata definition resource-type association of resource-type=${resourceType} to namespace=${namespace}, was not found.`,
  );
