import { readBoolean } from '../query.ts';
import { type KnownSpec, knownSpecs, namespaces, type SpecValue, traitSpec } from './known-specs.ts';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 's');

const compiled = knownSpecs.map((spec) => ({ spec, name: whole(spec.name) }));
const traitName = whole(traitSpec.name);
const knownNamespaces = namespaces.map(whole);

/**
 * What is wrong with an extra spec since 2.86, as nova.api.validation.extra_specs says; undefined when nothing is.
 * Names without a namespace, or in one that nobody knows, are free. `isTrait` knows the standard traits.
 */
export function problemOfExtraSpec(
  name: string,
  value: string,
  isTrait: (trait: string) => boolean,
): string | undefined {
  const known = find(name, isTrait);
  if (known) return problemOfValue(known.value, value);
  const colon = name.indexOf(':');
  const namespace = colon < 0 ? undefined : name.slice(0, colon);
  return namespace !== undefined && knownNamespaces.some((n) => n.test(namespace))
    ? `extra spec '${name}' does not appear to be a valid extra spec.`
    : undefined;
}

function find(name: string, isTrait: (trait: string) => boolean): KnownSpec | undefined {
  const trait = traitName.exec(name)?.[1];
  if (trait !== undefined && (/^CUSTOM_./.test(trait) || isTrait(trait))) return traitSpec;
  return compiled.find((c) => c.name.test(name))?.spec;
}

function problemOfValue(expected: SpecValue, value: string): string | undefined {
  switch (expected.type) {
    case 'boolean':
      return readBoolean(value) === undefined ? `'${value}' is not a valid boolean-like value.` : undefined;
    case 'integer':
      return problemOfInteger(expected, value);
    case 'text':
      if (expected.pattern !== undefined && !whole(expected.pattern).test(value))
        return `'${value}' is not of the format '${expected.pattern}'.`;
      return expected.oneOf && !expected.oneOf.includes(value)
        ? `'${value}' is not one of: ${expected.oneOf.join(', ')}.`
        : undefined;
  }
}

function problemOfInteger(expected: { min?: number; max?: number }, value: string): string | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(value)) return `'${value}' is not a valid integer value.`;
  const number = Number(value);
  const { min = -Infinity, max = Infinity } = expected;
  if (number > max) return `'${number}' is greater than the max value of '${max}'.`;
  return number < min ? `'${number}' is less than the min value of '${min}'.` : undefined;
}
