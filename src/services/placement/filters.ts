import { badRequest } from '#kit/errors/cloud-error.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import type { AnyCall } from './requests.ts';

/** Values of query parameters that filter providers (placement/util.py): each throws `badRequest` in Placement's words. */

/** Reads `VCPU:2,MEMORY_MB:1024`. */
export function parseResources(value: string): Map<string, number> {
  const form =
    'Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: ';
  if (value.trim() === '') throw badRequest(`${form}empty string.`);
  const amounts = new Map<string, number>();
  for (const item of value.split(',')) {
    const [name, text, ...rest] = item.split(':');
    if (text === undefined || rest.length > 0) throw badRequest(`${form}${item}.`);
    if (!/^\s*[+-]?\d+\s*$/.test(text))
      throw badRequest(`Requested resource ${name} expected positive integer amount. Got: ${text}.`);
    const amount = Number(text);
    if (amount < 1) throw badRequest(`Requested resource ${name} requires amount >= 1. Got: ${amount}.`);
    amounts.set(name!, amount);
  }
  return amounts;
}

/** Traits asked for: at least one of each set, and none of the forbidden ones. */
export interface TraitFilter {
  readonly required: readonly ReadonlySet<string>[];
  readonly forbidden: ReadonlySet<string>;
}

/** Which forms of a trait filter a caller may use. */
interface TraitForms {
  /** `!CUSTOM_MAGIC` */
  readonly forbidden: boolean;
  /** `in:HW_CPU_X86_VMX,CUSTOM_MAGIC` */
  readonly any: boolean;
}

/** Reads the values of `required`, in the forms the request's microversion has. */
export function parseRequired(values: readonly string[], call: AnyCall): TraitFilter {
  const forms = { forbidden: call.atLeast('1.22'), any: call.atLeast('1.39') };
  // before it could be repeated the last one counted
  const counted = forms.any ? values : values.slice(-1);
  const parsed = counted.map((value) => parseTraits(value, forms));
  return {
    required: parsed.flatMap((p) => p.required),
    forbidden: new Set(parsed.flatMap((p) => [...p.forbidden])),
  };
}

/** Reads one trait filter. */
export function parseTraits(value: string, forms: TraitForms): TraitFilter {
  if (value.startsWith('in:')) return parseAnyTraits(value, forms);
  const items = value.split(',').map((item) => item.trim());
  // any number of exclamation marks counts as one, as it always did
  const forbidden = new Set(items.filter((i) => i.startsWith('!')).map((i) => i.replace(/^!+/, '')));
  const expected = forms.forbidden ? 'HW_CPU_X86_VMX,!CUSTOM_MAGIC' : 'HW_CPU_X86_VMX,CUSTOM_MAGIC';
  const refuse = (got: string) =>
    badRequest(
      `Invalid query string parameters: Expected 'required' parameter value of the form: ${expected}. Got${got}: ${value}`,
    );
  if (items.includes('') || forbidden.has('')) throw refuse(' an empty trait in');
  if (forbidden.size > 0 && !forms.forbidden) throw refuse('');
  return { required: items.filter((i) => !i.startsWith('!')).map((i) => new Set([i])), forbidden };
}

function parseAnyTraits(value: string, forms: TraitForms): TraitFilter {
  const form = "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC'";
  const refuse = (problem: string) => badRequest(`Invalid query string parameters: ${problem}: ${value}`);
  if (!forms.any) throw refuse(`${form} only supported since microversion 1.39. Got`);
  const any = new Set(
    value
      .slice(3)
      .split(',')
      .map((item) => item.trim()),
  );
  if (any.has(''))
    throw refuse(
      "Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in",
    );
  if ([...any].some((trait) => trait.startsWith('!')))
    throw refuse(`${form} does not support forbidden traits. Got`);
  return { required: [any], forbidden: new Set() };
}

/** Aggregates asked for: membership in at least one of each list, and in none of the forbidden ones. */
export interface AggregateFilter {
  readonly required: readonly (readonly string[])[];
  readonly forbidden: ReadonlySet<string>;
}

/** Reads the values of `member_of`; `suffix` is that of the request group. */
export function parseMemberOf(values: readonly string[], call: AnyCall, suffix = ''): AggregateFilter {
  if (values.length > 1 && !call.atLeast('1.24'))
    throw badRequest(`Multiple member_of${suffix} parameters are not supported`);
  const required: string[][] = [];
  const forbidden = new Set<string>();
  for (const value of values) {
    const parsed = parseMembership(value);
    if (!parsed.forbidden) required.push(parsed.aggregates);
    else if (!call.atLeast('1.32'))
      throw badRequest(
        `Forbidden member_of${suffix} parameters are not supported in the specified microversion`,
      );
    else for (const aggregate of parsed.aggregates) forbidden.add(aggregate);
  }
  return { required, forbidden };
}

function parseMembership(value: string): { aggregates: string[]; forbidden: boolean } {
  const [, not, many, rest] = /^(!?)(in:)?(.*)$/s.exec(value)!;
  if (!many && value.includes(','))
    throw badRequest(
      `Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid microversion. Got: ${value}`,
    );
  const aggregates = many ? rest!.split(',') : [rest!];
  for (const aggregate of aggregates) {
    if (!isUuidLike(aggregate))
      throw badRequest(
        `Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: ${aggregate}`,
      );
  }
  return { aggregates, forbidden: not === '!' };
}

/** Reads `in_tree`: the UUID of any provider of a tree. */
export function parseInTree(value: string): string {
  const uuid = value.trim();
  if (!isUuidLike(uuid))
    throw badRequest(
      `Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. Got: ${value}`,
    );
  return uuid;
}
