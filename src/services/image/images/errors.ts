import { type CloudError, notFound } from '#kit/errors/cloud-error.ts';

/** There is no such image, or none that the caller may see. */
export const noSuchImage = (id: string): CloudError => notFound(`No image found with ID ${id}`);
