import { notFound } from '#kit/errors/cloud-error.ts';

export const noSuchResourceType = (name: string) =>
  notFound(`The metadata definition resource-type with name=${name}, was not found.`);

export const noSuchAssociation = (namespace: string, resourceType: string) =>
  notFound(
    `The metadata definition resource-type association of resource-type=${resourceType} to namespace=${namespace}, was not found.`,
  );
