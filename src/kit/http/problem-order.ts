import type { ErrorObject } from 'ajv';

/**
 * Python's jsonschema goes through a schema keyword by keyword, in the order they are written in, and OpenStack's services
 * report what it comes upon first. Ajv has an order of its own; this puts what it found into jsonschema's.
 */

/** Where OpenStack's schemas write these keywords: `type` before all others, these after them. */
const last = ['properties', 'patternProperties', 'required', 'additionalProperties'];

/** The error that jsonschema meets first. What failed inside of a choice is left to the choice itself. */
export function firstOf(errors: readonly ErrorObject[], schema: unknown): ErrorObject {
  const outside = errors.filter((error) => !/\/(anyOf|oneOf|not)\/./.test(error.schemaPath));
  const candidates = outside.length > 0 ? outside : errors;
  const ranked = candidates.map((error) => ({ error, place: placeOf(error, schema) }));
  return ranked.reduce((best, next) => (isBefore(next.place, best.place) ? next : best)).error;
}

/** The turns to take from the root of the schema to what failed: which keyword, which property, which item. */
function placeOf(error: ErrorObject, schema: unknown): number[] {
  const keys = error.instancePath.split('/').slice(1);
  const place: number[] = [];
  let node: unknown = schema;
  let isSchema = true;
  for (const step of schemaSteps(error)) {
    place.push(isSchema ? rankOf(step, node) : Object.keys(node as object).indexOf(step));
    if (isSchema && step === 'items') place.push(Number(keys[0]));
    // these two lead to schemas by name, all others to a schema itself
    const leadsToNames: boolean = isSchema && (step === 'properties' || step === 'patternProperties');
    if (!leadsToNames && (!isSchema || step === 'items' || step === 'additionalProperties')) keys.shift();
    isSchema = !leadsToNames;
    node = (node as Record<string, unknown> | undefined)?.[step] ?? {};
  }
  return place;
}

function rankOf(keyword: string, schema: unknown): number {
  if (keyword === 'type') return -1;
  const late = last.indexOf(keyword);
  const written = Object.keys(schema as object);
  return late < 0 ? written.indexOf(keyword) : written.length + late;
}

function isBefore(place: readonly number[], other: readonly number[]): boolean {
  const turn = place.findIndex((step, i) => step !== other[i]);
  return turn >= 0 && turn < other.length && place[turn]! < other[turn]!;
}

/** Keys and indexes from the root of the schema to the keyword that was not met. Unlike paths in values they come as of URLs. */
export const schemaSteps = ({ schemaPath }: ErrorObject): string[] =>
  schemaPath
    .split('/')
    .slice(1)
    .map((step) => unescapePointer(decodeURIComponent(step)));

/** A part of a JSON pointer as it is meant. */
export const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
