import Type, { type Static, type TOptional, type TSchema } from 'typebox';

import { type Version, type VersionNumber, versionNumber } from './microversion.ts';

/**
 * Microversions are written on the field, once. A schema annotated with the functions below is pruned to the version of
 * the request before it validates; handlers see the superset type.
 */
type Annotated = Record<string, unknown> & { 'x-versions'?: Variant[] };

/** What a field is between two versions, both inclusive. */
interface Variant {
  min?: VersionNumber;
  max?: VersionNumber;
  schema: TSchema;
  required?: boolean;
}

const annotate = <S extends TSchema>(schema: S, variants: Variant[]): TOptional<S> =>
  Type.Optional({ ...schema, 'x-versions': variants } as unknown as S) as unknown as TOptional<S>;

/** An optional field that exists from `version` on. */
export const since = <S extends TSchema>(version: Version, schema: S): TOptional<S> =>
  annotate(schema, [{ min: versionNumber(version), schema }]);

/** An optional field that exists up to and including `version`. */
export const until = <S extends TSchema>(version: Version, schema: S): TOptional<S> =>
  annotate(schema, [{ max: versionNumber(version), schema }]);

/** A field that does not exist before `version` and must be given from then on. */
export const requiredSince = <S extends TSchema>(version: Version, schema: S): TOptional<S> =>
  annotate(schema, [{ min: versionNumber(version), schema, required: true }]);

/** One stretch of a field's history, for {@link history}. */
export interface Stretch<S extends TSchema> {
  since?: Version;
  until?: Version;
  schema: S;
  required?: boolean;
}

type HistoryOf<S extends TSchema[]> = TOptional<ReturnType<typeof Type.Unsafe<Static<S[number]>>>>;

/** A field whose schema changed over versions: its stretches, oldest first. */
export function history<S extends TSchema[]>(...stretches: { [K in keyof S]: Stretch<S[K]> }): HistoryOf<S> {
  const variants = (stretches as Stretch<TSchema>[]).map((s) => ({
    ...(s.since && { min: versionNumber(s.since) }),
    ...(s.until && { max: versionNumber(s.until) }),
    ...(s.required && { required: true }),
    schema: s.schema,
  }));
  return annotate(Type.Unsafe<Static<S[number]>>({}), variants) as never;
}

/** An object that takes unknown properties until `version`, when it becomes strict. */
export const strictSince = <S extends TSchema>(version: Version, object: S): S =>
  ({ ...object, 'x-strict-since': versionNumber(version) }) as S;

/** The plain JSON Schema of a version: fields that do not exist in it are gone, annotations removed. */
export function prune(schema: TSchema, version: VersionNumber): TSchema {
  return pruneNode(schema as Annotated, version) as TSchema;
}

function pruneNode(node: unknown, version: VersionNumber): unknown {
  if (Array.isArray(node)) return node.map((item) => pruneNode(item, version));
  if (typeof node !== 'object' || node === null) return node;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-') || key === 'properties' || key === 'required') continue;
    result[key] = pruneNode(value, version);
  }
  const strict = (node as Annotated)['x-strict-since'];
  if (typeof strict === 'number') result.additionalProperties = version < strict;
  if ('properties' in node) pruneProperties(node as ObjectNode, version, result);
  else if ('required' in node) result.required = node.required;
  return result;
}

type ObjectNode = { properties: Record<string, Annotated>; required?: string[] };

function pruneProperties(node: ObjectNode, version: VersionNumber, result: Record<string, unknown>): void {
  const properties: Record<string, unknown> = {};
  const always = new Set(node.required);
  const required = [...always].filter((name) => !Object.hasOwn(node.properties, name));
  for (const [name, property] of Object.entries(node.properties)) {
    const variants = property['x-versions'];
    const variant = variants?.find((v) => version >= (v.min ?? 0) && version <= (v.max ?? Infinity));
    if (variants && !variant) continue;
    properties[name] = pruneNode(variant?.schema ?? property, version);
    if (variant?.required || always.has(name)) required.push(name);
  }
  result.properties = properties;
  if (required.length > 0) result.required = required;
}

/** The versions at which pruning changes the schema, ascending: between two of them one compiled schema serves. */
export function breakpoints(schema: TSchema): VersionNumber[] {
  const found = new Set<VersionNumber>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const annotated = node as Annotated;
    for (const variant of annotated['x-versions'] ?? []) {
      if (variant.min !== undefined) found.add(variant.min);
      if (variant.max !== undefined) found.add(variant.max + 1);
    }
    const strict = annotated['x-strict-since'];
    if (typeof strict === 'number') found.add(strict);
    Object.values(node).forEach(visit);
  };
  visit(schema);
  return [...found].sort((a, b) => a - b);
}
