import { parseIso } from '#kit/clock/clock.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';

import type { ImageRow } from './row.ts';

/** One comparison of a column. */
export interface Comparison {
  readonly column: keyof ImageRow;
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'in';
  readonly value: string | number | readonly string[];
}

/** A condition images must meet. */
export type Condition = Comparison | { readonly either: readonly Comparison[] };

/** Filters of the list of images (glance/db/sqlalchemy/api.py, _make_conditions_from_filters). */

type Values = readonly (readonly [name: string, value: string])[];

/** Reads filters by name: those of attributes become conditions, all others are properties. */
export function conditionsOf(filters: Values): {
  conditions: Condition[];
  properties: (readonly [string, string])[];
} {
  const conditions: Condition[] = [];
  const properties: (readonly [string, string])[] = [];
  if (!filters.some(([name]) => name === 'os_hidden')) conditions.push(equal('os_hidden', 0));
  for (const [name, value] of filters) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader) conditions.push(...reader(value));
    else properties.push([name, value]);
  }
  return { conditions, properties };
}

/** Reads a filter's value: all of the conditions must be met. */
type Reader = (value: string) => Condition[];

const equal = (column: TextColumn | NumberColumn | FlagColumn, value: string | number): Condition => ({
  column,
  operator: '=',
  value,
});
const never: Condition = { column: 'id', operator: 'in', value: [] };

type TextColumn =
  | 'name'
  | 'id'
  | 'status'
  | 'container_format'
  | 'disk_format'
  | 'owner'
  | 'checksum'
  | 'os_hash_algo'
  | 'os_hash_value';
type NumberColumn = 'size' | 'virtual_size' | 'min_disk' | 'min_ram';
type FlagColumn = 'os_hidden' | 'protected';

const readers: Readonly<Record<string, Reader>> = {
  ...each(['name', 'id', 'status', 'container_format', 'disk_format'], oneOrSeveral),
  ...each(['owner', 'checksum', 'os_hash_algo', 'os_hash_value'], (column) => (value) => [
    equal(column, value),
  ]),
  ...each(['size', 'virtual_size', 'min_disk', 'min_ram'], exactly),
  ...Object.fromEntries(
    (['size', 'virtual_size', 'min_disk', 'min_ram'] as const).flatMap((column) => [
      [`${column}_min`, within(column, '>=')],
      [`${column}_max`, within(column, '<=')],
    ]),
  ),
  ...each(['created_at', 'updated_at'], time),
  os_hidden: (value) => truth('os_hidden', value.toLowerCase()),
  protected: (value) => truth('protected', value),
  // nobody lists what is deleted
  deleted: () => [],
};

function each<const Column extends string>(
  columns: readonly Column[],
  reader: (column: Column) => Reader,
): Record<string, Reader> {
  return Object.fromEntries(columns.map((column) => [column, reader(column)]));
}

/** `name=a`, `name=in:a,"b,c"` */
function oneOrSeveral(column: TextColumn): Reader {
  return (value) => {
    const { operator, operand } = splitOperator(value);
    if (operator === 'in') return [{ column, operator, value: splitQuoted(operand) }];
    if (operator === 'eq') return [equal(column, operand)];
    throw badRequest(`Unable to filter by unknown operator '${operator}'.`);
  };
}

const integer = /^\s*[+-]?\d+\s*$/;

function exactly(column: NumberColumn): Reader {
  return (value) => [integer.test(value) ? equal(column, Number(value)) : never];
}

function within(column: NumberColumn, operator: '>=' | '<='): Reader {
  return (value) => {
    if (!integer.test(value)) throw badRequest('Unable to filter on a range with a non-numeric value.');
    return [{ column, operator, value: Number(value) }];
  };
}

function truth(column: FlagColumn, value: string): Condition[] {
  if (value !== 'true' && value !== 'false')
    throw badRequest(`Invalid value '${value}' for '${column}' filter. Valid values are 'true' or 'false'.`);
  return [equal(column, value === 'true' ? 1 : 0)];
}

/** `created_at=gte:2026-11-20T00:00:00Z`. Images have the second they were made in, as they show it. */
function time(column: 'created_at' | 'updated_at'): Reader {
  return (value) => {
    const { operator, operand } = splitOperator(value);
    const at = parseIso(operand);
    if (at === undefined)
      throw badRequest(`Bad "${column}" query filter format. Use ISO 8601 DateTime notation.`);
    const from = Math.ceil(at / 1000) * 1000;
    const until = Math.floor(at / 1000) * 1000 + 1000;
    const before = (value: number) => ({ column, operator: '<', value }) as const;
    const since = (value: number) => ({ column, operator: '>=', value }) as const;
    switch (operator) {
      case 'lt':
        return [before(from)];
      case 'lte':
        return [before(until)];
      case 'gte':
        return [since(from)];
      case 'gt':
        return [since(until)];
      case 'neq':
        return [{ either: [before(from), since(until)] }];
      case 'eq':
        // no second is equal to a time within one: nothing is
        return [since(from), before(until)];
      default:
        throw badRequest('Unable to filter on a unknown operator.');
    }
  };
}

/** `gt:5` is an operator and its operand; a value without one, or a bare time, is to be equal. */
function splitOperator(value: string): { operator: string; operand: string } {
  const colon = value.indexOf(':');
  if (colon < 0 || parseIso(value) !== undefined) return { operator: 'eq', operand: value };
  return { operator: value.slice(0, colon), operand: value.slice(colon + 1) };
}

/** Splits at commas outside quotation marks. */
function splitQuoted(value: string): string[] {
  checkQuotes(value);
  const items = value.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,/g);
  return [...items].map(([, quoted, plain]) => quoted || plain || '');
}

function checkQuotes(value: string): void {
  const refuse = (problem: string) => badRequest(`Invalid filter value ${value}. ${problem}`);
  let open = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] !== '"' || value[i - 1] === '\\') continue;
    if (!open && i > 0 && value[i - 1] !== ',')
      throw refuse('There is no comma before opening quotation mark.');
    if (open && i + 1 < value.length && value[i + 1] !== ',')
      throw refuse('There is no comma after closing quotation mark.');
    open = !open;
  }
  if (open) throw refuse('The quote is not closed.');
}
