import Type, { type TSchema } from 'typebox';

import { parseIso } from '#kit/clock/clock.ts';
import { addFormat, repr } from '#kit/http/validation.ts';

import { readBase64 } from './base64.ts';

/** Field schemas that several nouns share, as in nova/api/validation/parameter_types.py. */

/** What a string format of ours says about a value it refuses; an invalid name has a message of its own. */
const refusals = new Map<string, { name: string } | ((value: string) => string)>();

/** Nova's words for a value that a format refused; undefined for formats that are not ours. */
export function refusalOf(
  format: string,
  value: unknown,
): { name: string } | { message: string } | undefined {
  const refusal = refusals.get(format);
  return typeof refusal === 'function' ? { message: refusal(String(value)) } : refusal;
}

function nameFormat(format: string, pattern: RegExp, reason: string): void {
  addFormat(format, (text) => pattern.test(text));
  refusals.set(format, { name: reason });
}

// printable as Nova sees it: nothing of the categories "other" and "separator" but spaces, nothing beyond the first plane
nameFormat(
  'nova-name',
  /^(?![\p{C}\p{Z}])[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10ffff}]+(?<![\p{C}\p{Z}])$/u,
  'printable characters. Can not start or end with whitespace.',
);
nameFormat(
  'nova-az-name',
  /^(?![\p{C}\p{Z}])[^\p{C}\p{Zl}\p{Zp}:\u{10000}-\u{10ffff}]+(?<![\p{C}\p{Z}])$/u,
  'printable characters except :.Can not start or end with whitespace.',
);

nameFormat(
  'nova-name-in-space',
  /^(?=.*[^\p{C}\p{Z}])[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10ffff}]*$/u,
  'printable characters with at least one non space character',
);

/** A format that Nova calls by another name. */
function formatNamed(theirs: string, ours: string, validate: (text: string) => boolean): void {
  addFormat(ours, validate);
  refusals.set(ours, (text) => `${repr(text)} is not a '${theirs}'`);
}

formatNamed('date-time', 'nova-time', (text) => parseIso(text) !== undefined);
formatNamed('regex', 'nova-pattern', isPattern);
formatNamed('base64', 'nova-base64', (text) => readBase64(text) !== undefined);

/** A moment to compare with, in any form that ISO 8601 has; read with `parseIso`. */
export const moment = Type.String({ format: 'nova-time' });

/** A regular expression to filter by. The empty one, which would match anything, is refused. */
export const pattern = Type.String({ format: 'nova-pattern' });

/** Bytes in base64; read with `readBase64`. */
export const base64 = Type.String({ format: 'nova-base64' });

function isPattern(text: string): boolean {
  try {
    // eslint-disable-next-line eslint/no-invalid-regexp
    return text !== '' && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** A name without leading or trailing space, e.g. of a server, flavor or aggregate. */
export const name = Type.String({ format: 'nova-name', minLength: 1, maxLength: 255 });

/** A name that may have space around it, which does not belong to it. */
export const nameInSpace = Type.String({ format: 'nova-name-in-space', minLength: 1, maxLength: 255 });

/** A name without colons, which part zone, host and node. */
export const availabilityZoneName = Type.String({ format: 'nova-az-name', minLength: 1, maxLength: 255 });

/** Text for people, at most `maxLength` printable characters; null is none. */
export const description = (maxLength = 255) =>
  Type.Unsafe<string | null>({
    type: ['string', 'null'],
    pattern: '^[^\\p{C}\\p{Zl}\\p{Zp}\\u{10000}-\\u{10ffff}]*$',
    minLength: 0,
    maxLength,
  });

const trueWords = ['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes'];
const falseWords = ['False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'];

/** A truth value or one of the words for it; read with {@link isTrue}. */
export const boolean = Type.Unsafe<boolean | string>({
  type: ['boolean', 'string'],
  enum: [true, ...trueWords, false, ...falseWords],
});

/** The value of a {@link boolean} field. */
export const isTrue = (value: boolean | string): boolean =>
  typeof value === 'boolean' ? value : trueWords.includes(value);

/** A whole number, or one written as text, within bounds; read with `Number`. Bounds that the database sets forbid the empty text. */
export function integer(minimum: number, maximum?: number) {
  const format = `nova-integer-${minimum}-${maximum ?? 'any'}`;
  const problem = (text: string): string | undefined => {
    if (Number(text) < minimum) return `${text} is less than the minimum of ${minimum}`;
    return maximum !== undefined && Number(text) > maximum
      ? `${text} is greater than the maximum of ${maximum}`
      : undefined;
  };
  addFormat(format, (text) => problem(text) === undefined);
  refusals.set(format, (text) => problem(text) ?? '');
  return Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    pattern: `^${minimum < 0 ? '-?' : ''}[0-9]${maximum === undefined ? '*' : '+'}$`,
    minLength: 1,
    minimum,
    ...(maximum !== undefined && { maximum }),
    format,
  });
}

/** The largest integer Nova's database holds. */
export const maxInteger = 0x7fffffff;

/** Free-form items: short keys, short text. */
export const metadata = metadataOf(Type.String({ maxLength: 255 }));

/** Free-form items with values of another schema. */
export function metadataOf<S extends TSchema>(value: S, options: object = {}) {
  return Type.Unsafe<Record<string, Type.Static<S>>>({
    type: 'object',
    patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': value },
    additionalProperties: false,
    ...options,
  });
}

/** A host name as services have it. */
export const hostName = Type.String({ pattern: '^[a-zA-Z0-9-._]*$', minLength: 1, maxLength: 255 });
