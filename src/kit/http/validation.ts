import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';

import { isUuidLike } from '../ids/ids.ts';
import type { VersionNumber } from './microversion.ts';
import { firstOf, schemaSteps, unescapePointer } from './problem-order.ts';
import { breakpoints, prune } from './versioned-schema.ts';

/** The first thing wrong with a value, in the words Python's jsonschema uses, which clients and tests know. */
export interface ValidationProblem {
  /** Keys and indexes from the root to the offending value. */
  path: string[];
  value: unknown;
  message: string;
  /** The JSON Schema keyword that was not met, e.g. `maxLength`. */
  keyword: string;
  /** Keys and indexes from the root of the schema to what holds the keyword. */
  schemaPath: string[];
  /** The string format the value does not have, when that is what is wrong. */
  format?: string;
}

const strict = { strict: false, allowUnionTypes: true, verbose: true, unicodeRegExp: true } as const;
/** Says quickly whether a value is valid. */
const quick = new Ajv(strict);
/** Finds all that is wrong with a value that is not. */
const thorough = new Ajv({ ...strict, allErrors: true });
for (const ajv of [quick, thorough])
  addFormats.default(ajv, ['date-time', 'date', 'email', 'ipv4', 'ipv6', 'uri', 'regex']);

/** Adds a string format of a service's own, e.g. `cidr`. Names are shared by all services. */
export const addFormat = (name: string, validate: (text: string) => boolean): void => {
  for (const ajv of [quick, thorough]) ajv.addFormat(name, { type: 'string', validate });
};

addFormat('uuid', isUuidLike);

/** A schema as it is in one stretch of versions. */
interface Compiled {
  readonly schema: TSchema;
  readonly isValid: ValidateFunction;
  /** Compiled when the first value is refused. */
  findAll?: ValidateFunction;
}

/** A schema that answers, for any microversion, what is wrong with a value. Compiled on first use per version range. */
export class Validator {
  readonly #schema: TSchema;
  readonly #breakpoints: VersionNumber[];
  readonly #compiled: (Compiled | undefined)[] = [];

  constructor(schema: TSchema) {
    this.#schema = schema;
    this.#breakpoints = breakpoints(schema);
  }

  /** The first problem, or undefined when the value is valid in `version`. */
  check(value: unknown, version: VersionNumber): ValidationProblem | undefined {
    const compiled = this.#for(version);
    if (compiled.isValid(value)) return undefined;
    const findAll = (compiled.findAll ??= thorough.compile(compiled.schema));
    findAll(value);
    return problemOf(firstOf(findAll.errors!, compiled.schema), value);
  }

  #for(version: VersionNumber): Compiled {
    let range = this.#breakpoints.findIndex((b) => b > version);
    if (range < 0) range = this.#breakpoints.length;
    return (this.#compiled[range] ??= compile(prune(this.#schema, version)));
  }
}

const compile = (schema: TSchema): Compiled => ({ schema, isValid: quick.compile(schema) });

function problemOf(error: ErrorObject, root: unknown): ValidationProblem {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const value = path.reduce<unknown>((v, key) => (v as Record<string, unknown> | undefined)?.[key], root);
  const schemaPath = schemaSteps(error).slice(0, -1);
  return {
    path,
    value,
    message: messageFor(error, value),
    keyword: error.keyword,
    schemaPath,
    ...(error.keyword === 'format' && { format: error.params.format as string }),
  };
}

function messageFor(error: ErrorObject, value: unknown): string {
  const limit = error.params.limit as number;
  switch (error.keyword) {
    case 'required':
      return `'${error.params.missingProperty}' is a required property`;
    case 'additionalProperties':
      return unexpectedProperties(error.data as object, error.parentSchema as ObjectSchema);
    case 'type':
      return `${repr(value)} is not of type ${[error.params.type]
        .flat()
        .map((t) => `'${t}'`)
        .join(', ')}`;
    case 'enum':
      return `${repr(value)} is not one of ${repr(error.params.allowedValues)}`;
    case 'const':
      return `${repr(error.params.allowedValue)} was expected`;
    case 'pattern':
      return `${repr(value)} does not match ${repr(error.params.pattern)}`;
    case 'format':
      return `${repr(value)} is not a ${repr(error.params.format)}`;
    case 'minLength':
    case 'minItems':
      return `${repr(value)} ${limit === 1 ? 'should be non-empty' : 'is too short'}`;
    case 'maxLength':
    case 'maxItems':
      return `${repr(value)} ${limit === 0 ? 'is expected to be empty' : 'is too long'}`;
    case 'minimum':
      return `${repr(value)} is less than the minimum of ${limit}`;
    case 'maximum':
      return `${repr(value)} is greater than the maximum of ${limit}`;
    case 'exclusiveMinimum':
      return `${repr(value)} is less than or equal to the minimum of ${limit}`;
    case 'exclusiveMaximum':
      return `${repr(value)} is greater than or equal to the maximum of ${limit}`;
    case 'minProperties':
      return `${repr(value)} ${limit === 1 ? 'should be non-empty' : 'does not have enough properties'}`;
    case 'maxProperties':
      return `${repr(value)} ${limit === 0 ? 'is expected to be empty' : 'has too many properties'}`;
    case 'uniqueItems':
      return `${repr(value)} has non-unique elements`;
    case 'anyOf':
      return `${repr(value)} is not valid under any of the given schemas`;
    case 'oneOf':
      return error.params.passingSchemas
        ? `${repr(value)} is valid under each of the given schemas`
        : `${repr(value)} is not valid under any of the given schemas`;
    case 'not':
      return `${repr(value)} should not be valid under the given schema`;
    default:
      return `${repr(value)} ${error.message ?? 'is invalid'}`;
  }
}

interface ObjectSchema {
  readonly properties?: object;
  readonly patternProperties?: object;
}

/** jsonschema names all properties that nothing was said of, ajv only the first. */
function unexpectedProperties(
  value: object,
  { properties = {}, patternProperties = {} }: ObjectSchema,
): string {
  const patterns = Object.keys(patternProperties).sort();
  const names = Object.keys(value)
    .filter(
      (name) => !Object.hasOwn(properties, name) && !patterns.some((p) => new RegExp(p, 'u').test(name)),
    )
    .sort();
  const [is, does] = names.length === 1 ? ['was', 'does'] : ['were', 'do'];
  const shown = names.map(repr).join(', ');
  return patterns.length === 0
    ? `Additional properties are not allowed (${shown} ${is} unexpected)`
    : `${shown} ${does} not match any of the regexes: ${patterns.map(repr).join(', ')}`;
}

/** A problem as Python's jsonschema prints a ValidationError, without the schema itself. */
export function problemText({ message, keyword, schemaPath, path, value }: ValidationProblem): string {
  const indexes = (keys: readonly string[]) => keys.map((key) => `[${repr(key)}]`).join('');
  return `${message}\n\nFailed validating ${repr(keyword)} in schema${indexes(schemaPath)}\n\nOn instance${indexes(path)}:\n    ${repr(value)}`;
}

/** A JSON value as Python's `repr` prints it. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return reprText(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([k, v]) => `${repr(k)}: ${repr(v)}`)
      .join(', ')}}`;
  }
  return String(value as number);
}

function reprText(text: string): string {
  const escaped = text.replaceAll(/[\\\p{C}]|(?! )\p{Z}/gu, escapeCharacter);
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

const escapes = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\U${hex.padStart(8, '0')}`;
  return (
    escapes.get(character) ?? (code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`)
  );
}
