import { badRequest, conflict, forbidden } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

import { isReserved, readOnlyAttribute } from './attributes.ts';
import type { ImageChanges, ImageRecord, Visibility } from './record.ts';

/** The media types of image patches, by the draft of JSON Patch they follow. */
export const patchTypes: Readonly<Record<string, Draft>> = {
  'application/openstack-images-v2.0-json-patch': 4,
  'application/openstack-images-v2.1-json-patch': 10,
};

type Draft = 4 | 10;

/** One change of an image. */
export type Operation =
  | {
      readonly op: 'add' | 'replace';
      readonly name: string;
      readonly value: unknown;
      readonly strict: boolean;
    }
  | { readonly op: 'remove'; readonly name: string };

const operations = ['add', 'remove', 'replace'] as const;
type Op = (typeof operations)[number];

const isOp = (word: unknown): word is Op => operations.includes(word as Op);

const readOnly = new Set([
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'direct_url',
  'self',
  'file',
  'schema',
  'stores',
  'id',
  'os_hash_algo',
  'os_hash_value',
]);

/**
 * Reads a patch. `check` throws unless an image with only that attribute would match the schema. Throws `badRequest` for
 * what is no patch, `forbidden` for attributes that callers may not change.
 */
export function readPatch(body: unknown, draft: Draft, check: (part: object) => void): Operation[] {
  if (!Array.isArray(body)) throw badRequest('Request body must be a JSON array of operation objects.');
  return body.map((raw: unknown) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
      throw badRequest('Operations must be JSON objects.');
    return readOperation(raw as Record<string, unknown>, draft, check);
  });
}

function readOperation(
  raw: Readonly<Record<string, unknown>>,
  draft: Draft,
  check: (part: object) => void,
): Operation {
  const op = draft === 10 ? op10(raw) : op4(raw);
  const path = decodePointer(draft === 10 ? path10(raw) : raw[op]);
  const name = path[0]!;
  if (path.length !== depthOf(name, op))
    throw badRequest(`Invalid JSON pointer for this resource: '/${path.join('/')}'`);
  if (op !== 'remove' && !('value' in raw))
    throw badRequest(`Operation "${op}" requires a member named "value".`);
  if (readOnly.has(name)) throw readOnlyAttribute(name);
  if (isReserved(name)) throw forbidden(`Attribute '${name}' is reserved.`);
  if (op === 'remove') return { op, name };
  check({ [name]: path.length === 1 ? raw.value : [raw.value] });
  return { op, name, value: raw.value, strict: draft === 4 };
}

/** One location can be added or removed by its position. */
const depthOf = (name: string, op: Op): number => (name === 'locations' && op !== 'replace' ? 2 : 1);

function op10({ op }: Readonly<Record<string, unknown>>): Op {
  const available = `It must be one of the following: ${operations.join(', ')}.`;
  if (op === undefined || op === null)
    throw badRequest(`Unable to find \`op\` in JSON Schema change. ${available}`);
  if (!isOp(op)) throw badRequest(`Invalid operation: \`${textOf(op)}\`. ${available}`);
  return op;
}

function path10({ path }: Readonly<Record<string, unknown>>): unknown {
  if (path === undefined) throw badRequest("Unable to find 'path' in JSON Schema change");
  return path;
}

function op4(raw: Readonly<Record<string, unknown>>): Op {
  const found = operations.filter((op) => op in raw);
  if (found.length > 1)
    throw badRequest('Operation objects must contain only one member named "add", "remove", or "replace".');
  if (found.length === 0)
    throw badRequest(
      'Operation objects must contain exactly one member named "add", "remove", or "replace".',
    );
  return found[0]!;
}

/** The parts of a JSON pointer, in the limited form Glance takes. */
function decodePointer(pointer: unknown): string[] {
  const refuse = (problem: string) => badRequest(`Pointer \`${textOf(pointer)}\` ${problem}`);
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) throw refuse('does not start with "/".');
  if (/\/\s*?\//.test(pointer.slice(1))) throw refuse('contains adjacent "/".');
  if (pointer.length > 1 && pointer.endsWith('/')) throw refuse('end with "/".');
  if (pointer.slice(1).trim() === '/') throw refuse('does not contains valid token.');
  if (/~[^01]/.test(pointer) || pointer.endsWith('~'))
    throw refuse('contains "~" not part of a recognized escape sequence.');
  return pointer
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').trim());
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : repr(value));

/** What an operation leads to, given the image as the ones before it left it. */
export function applyOperation(image: ImageRecord, operation: Operation): ImageChanges {
  const { name } = operation;
  if (operation.op === 'remove') return removal(image, name);
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  const isThere = attribute !== undefined || Object.hasOwn(image.properties, name);
  if (operation.op === 'replace' && !isThere) {
    const words = `Property ${name} does not exist.`;
    throw conflict(words, { detail: words });
  }
  if (operation.op === 'add' && operation.strict && isThere) {
    const words = `Property ${name} already present.`;
    throw conflict(words, { detail: words });
  }
  if (attribute) return attribute(operation.value as never, image);
  return { properties: { ...image.properties, [name]: operation.value as string } };
}

function removal(image: ImageRecord, name: string): ImageChanges {
  if (Object.hasOwn(attributes, name)) {
    const words = `Property ${name} may not be removed.`;
    throw forbidden(words, { detail: words });
  }
  if (!Object.hasOwn(image.properties, name)) {
    const words = `Property ${name} does not exist.`;
    throw conflict(words, { detail: words });
  }
  const { [name]: _, ...properties } = image.properties;
  return { properties };
}

/** How attributes are set. */
const attributes: Readonly<Record<string, (value: never, image: ImageRecord) => ImageChanges>> = {
  name: (name: string | null) => ({ name }),
  visibility: (visibility: Visibility) => ({ visibility }),
  owner: (owner: string | null) => ({ owner }),
  min_disk: (minDisk: number) => ({ minDisk }),
  min_ram: (minRam: number) => ({ minRam }),
  protected: (value: boolean) => ({ protected: value }),
  os_hidden: (hidden: boolean) => ({ hidden }),
  tags: (tags: string[]) => ({ tags: [...new Set(tags)] }),
  disk_format: (diskFormat: string | null, image) => {
    requireQueued(image, 'disk_format');
    return { diskFormat };
  },
  container_format: (containerFormat: string | null, image) => {
    requireQueued(image, 'container_format');
    return { containerFormat };
  },
};

function requireQueued({ status }: ImageRecord, name: string): void {
  if (status !== 'queued' && status !== 'importing')
    throw forbidden(`Attribute ${name} can be only replaced for a queued image.`);
}
