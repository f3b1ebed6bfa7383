import { repr } from '#kit/http/validation.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { canonicalAddress, parseAddress, parseCidr } from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';

/**
 * What an attribute may hold, as neutron_lib/api/converters.py and validators have it: first the value is converted,
 * then looked at. Filters are converted too, but not looked at.
 */
export interface ValueType<T> {
  /** Throws `InvalidInput` for what cannot be converted. */
  readonly convert?: (value: unknown) => unknown;
  /** Why the converted value is wrong; undefined when it is right. */
  readonly problem?: (value: unknown) => string | undefined;
  /** Only a type: what a converted, right value is. */
  readonly holds?: T;
}

/** A value as Python's `%s` prints it. */
export const shown = (value: unknown): string => (typeof value === 'string' ? value : repr(value));

/** The same, or null. */
export const nullable = <T>({ convert, problem }: ValueType<T>): ValueType<T | null> => ({
  ...(convert && { convert: (v: unknown) => (v === null ? null : convert(v)) }),
  ...(problem && { problem: (v: unknown) => (v === null ? undefined : problem(v)) }),
});

/** Any JSON value: for attributes that are only shown. */
export const anything: ValueType<unknown> = {};

const trues = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const falses = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** A truth value, also written as oslo's strutils takes it: `yes`, `off`, `1`, … Throws `InvalidInput` otherwise. */
export const bool: ValueType<boolean> = {
  convert(value) {
    if (typeof value === 'boolean') return value;
    const word =
      typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
    if (trues.has(word)) return true;
    if (falses.has(word)) return false;
    throw invalidInput(`'${shown(value)}' cannot be converted to boolean`);
  },
};

/** What the databases' integers hold. */
const largest = 2 ** 31 - 1;

/** A whole number, also as text; fractions are cut off as Python's `int` does. Throws `InvalidInput` otherwise. */
export const integer: ValueType<number> = {
  convert(value) {
    const number = integerOf(value);
    if (number === undefined) throw invalidInput(`'${shown(value)}' is not an integer`);
    if (Math.abs(number) > largest) throw invalidInput(`'${shown(value)}' is out of range`);
    return number;
  },
};

function integerOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : undefined;
}

/** An {@link integer} of 0 or more. */
export const nonNegative: ValueType<number> = {
  ...integer,
  problem: (value) => ((value as number) < 0 ? `'${shown(value)}' should be non-negative` : undefined),
};

/** An integer of `min` to `max`, inclusive. */
export const between = (min: number, max: number): ValueType<number> => ({
  ...integer,
  problem(value) {
    const n = value as number;
    if (n < min) return `'${n}' is too small - must be at least '${min}'`;
    if (n > max) return `'${n}' is too large - must be no larger than '${max}'`;
    return undefined;
  },
});

/** One of a few words or numbers. */
export const oneOf = <const T extends string | number>(
  values: readonly T[],
  convert?: (value: unknown) => unknown,
): ValueType<T> => ({
  ...(convert && { convert }),
  problem: (value) => (values.includes(value as T) ? undefined : `${shown(value)} is not in ${repr(values)}`),
});

function stringProblem(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string') return `'${shown(value)}' is not a valid string`;
  // Python counts code points, not UTF-16 units
  if (value.length > max && [...value].length > max) return `'${value}' exceeds maximum length of ${max}`;
  return undefined;
}

/** Text of at most `max` characters. */
export const text = (max: number): ValueType<string> => ({ problem: (v) => stringProblem(v, max) });

// printable characters and plain spaces inside, no space at either end
const namePattern = /^(?!\p{Zs})[^\p{C}\p{Zl}\p{Zp}]*(?<!\p{Zs})$/u;

/** A name: text without control characters or outer spaces. */
export const name = (max = 255): ValueType<string> => ({
  problem: (value) =>
    stringProblem(value, max) ??
    (namePattern.test(value as string) ? undefined : `'${shown(value)}' is not a valid string`),
});

/** A {@link name} with something other than white space in it (`type:not_empty_name_string`). */
export const nonEmptyName: ValueType<string> = {
  problem: (value) => {
    const problem = stringProblem(value, 255);
    if (problem) return problem;
    return (value as string).trim() === ''
      ? `'${value as string}' Blank strings are not permitted`
      : name().problem!(value);
  },
};

/** A UUID with or without dashes, kept as it was written. */
export const uuid: ValueType<string> = {
  problem: (value) => (isUuidLike(value) ? undefined : `'${shown(value)}' is not a valid UUID`),
};

/** Applies to each item of a list; items may not repeat. */
export const listOf = <T>(item: ValueType<T>): ValueType<readonly T[]> => ({
  convert: (value) => {
    const list = value === null ? [] : value;
    return item.convert && Array.isArray(list) ? list.map((v) => item.convert!(v)) : list;
  },
  problem(value) {
    if (!Array.isArray(value)) return `'${shown(value)}' is not a list`;
    const repeated = repeatedIn(value);
    if (repeated.length > 0) return `Duplicate items in the list: '${repeated.map(shown).join(', ')}'`;
    for (const v of value) {
      const problem = item.problem?.(v);
      if (problem) return problem;
    }
    return undefined;
  },
});

/** What is in a list more than once, each time but the first; values are the same that read the same as JSON. */
export function repeatedIn<T>(list: readonly T[]): T[] {
  const seen = new Set<string>();
  return list.filter((item) => {
    const text = JSON.stringify(item);
    return seen.size === seen.add(text).size;
  });
}

/** Why a text is no address Neutron takes. */
export function addressProblem(value: unknown): string | undefined {
  return typeof value === 'string' && parseAddress(value)
    ? undefined
    : `'${shown(value)}' is not a valid IP address`;
}

/** An address of either version, kept in canonical form so that equal addresses are equal texts. */
export const ipAddress: ValueType<string> = {
  convert: (value) => (typeof value === 'string' ? canonicalAddress(value) : value),
  problem: addressProblem,
};

/** `address/prefix`, the address in canonical form, host bits kept. Throws `InvalidInput` otherwise. */
export const cidr: ValueType<string> = {
  convert(value) {
    const parsed = typeof value === 'string' ? parseCidr(value) : undefined;
    if (!parsed) throw invalidInput(`${shown(value)} is not in a CIDR format`);
    const [address] = (value as string).split('/');
    return `${canonicalAddress(address!)}/${parsed.prefix}`;
  },
};

const anyMac = /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i;

/** `fa-16-3E-0-0-1` as `fa:16:3e:00:00:01`; anything that is no MAC address as it is. */
export const canonicalMac = (value: unknown): unknown =>
  typeof value === 'string' && anyMac.test(value)
    ? value
        .toLowerCase()
        .split(/[:-]/)
        .map((part) => part.padStart(2, '0'))
        .join(':')
    : value;

/** Whether a value is a MAC address in the form of {@link canonicalMac}, and not all zeros. */
export const isMac = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(value) && value !== '00:00:00:00:00:00';

/** Text, made lower case (`convert_string_to_case_insensitive`). Throws `InvalidInput` for anything else. */
export const lowerCase: ValueType<string> = {
  convert(value) {
    if (typeof value !== 'string') throw invalidInput(`Input value ${shown(value)} must be string type`);
    return value.toLowerCase();
  },
};
