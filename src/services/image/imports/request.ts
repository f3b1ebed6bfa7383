import { badRequest, conflict } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

import { storeId } from '../files/store-id.ts';
import type { ImageRecord } from '../images/record.ts';

/** Import methods there are; `enabled_import_methods` says which of them are offered. */
export const importMethods = ['glance-direct', 'web-download'] as const;
/** One of {@link importMethods}. */
export type ImportMethod = (typeof importMethods)[number];

/** A request to import data into an image. */
export interface ImportRequest {
  readonly method: ImportMethod;
  /** Where to fetch the data; `web-download` only. */
  readonly uri: unknown;
  /** As the caller sent it: the task shows it. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Reads the body of an import. Throws `badRequest` in Glance's words. */
export function readImport(body: unknown, enabled: readonly string[]): ImportRequest {
  if (body === undefined) throw badRequest('Body expected in request.');
  const { method, all_stores_must_succeed = true, all_stores = false } = fieldsOf(body);
  if (method === undefined) throw badRequest("Import request requires a 'method' field.");
  const { name, uri } = fieldsOf(method);
  if (name === undefined) throw badRequest("Import request requires a 'name' field.");
  const known = importMethods.find((m) => m === name && enabled.includes(m));
  if (!known) throw badRequest(`Unknown import method name ${repr(name)}.`);
  if (typeof all_stores_must_succeed !== 'boolean')
    throw badRequest("'all_stores_must_succeed' must be boolean value only");
  if (typeof all_stores !== 'boolean') throw badRequest("'all_stores' must be boolean value only");
  return { method: known, uri, body: body as Record<string, unknown> };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** Throws `conflict` unless data may be imported into an image as it is. */
export function checkImportable(image: ImageRecord, method: ImportMethod): void {
  if (image.status === 'active') throw conflict('Image with status active cannot be target for import');
  if (method === 'web-download' && image.status !== 'queued')
    throw conflict(`Image needs to be in 'queued' state to use '${method}' method`);
  // while data is still being staged there is nothing to import yet
  if (method === 'glance-direct' && (image.status !== 'uploading' || image.uploadUntil !== null))
    throw conflict("Image needs to be staged before 'glance-direct' method can be used");
  if (!image.containerFormat) throw conflict("'container_format' needs to be set before import");
  if (!image.diskFormat) throw conflict("'disk_format' needs to be set before import");
}

/** Throws `conflict` for stores that are not here; the header is read when the body names none. */
export function checkStores({ body }: ImportRequest, header: string | string[] | undefined): void {
  const named = Array.isArray(body.stores)
    ? (body.stores as unknown[])
    : header === undefined
      ? []
      : [header];
  const unknown = body.all_stores === true ? undefined : named.find((store) => store !== storeId);
  if (unknown !== undefined) throw conflict(`Unknown scheme ${repr(unknown)} found in URI`);
}
