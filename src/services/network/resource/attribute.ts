import { name, nonNegative, text, uuid, type ValueType } from './values.ts';

/**
 * One attribute of a resource. A resource's attributes are data: body validation, defaults, filters, sort keys,
 * visibility and attribute policies all follow from them (neutron_lib/api/definitions holds the originals).
 */
export interface Attribute<T = unknown> {
  readonly type: ValueType<T>;
  /** May be given on create. */
  readonly post?: true;
  /** May be given on update. */
  readonly put?: true;
  /** What create takes when it is left out. Without it, and without `optional`, create demands the attribute. */
  readonly default?: NoInfer<T>;
  /** May be left out on create, which then sees undefined. */
  readonly optional?: true;
  /** Never shown: input or filter only. */
  readonly hidden?: true;
  readonly filter?: true;
  readonly sort?: true;
  /** Has policy rules of its own: `create_<resource>:<attribute>` and so on. */
  readonly guarded?: true;
}

/** Attributes of a resource, by name. */
export type Attributes = Readonly<Record<string, Attribute<never> | Attribute>>;

/** Attribute values as a caller gave them, or as they are after conversion. */
export type Values = Record<string, unknown>;

type Held<A> = A extends { readonly type: ValueType<infer T> } ? T : never;

/** The values a create sees once defaults are filled in, typed from the attributes. */
export type Created<A> = {
  readonly [K in keyof A as A[K] extends { post: true } ? K : never]:
    | Held<A[K]>
    | (A[K] extends { optional: true } ? undefined : never);
};

/** The values an update sees: only what the caller gave. */
export type Updated<A> = { readonly [K in keyof A as A[K] extends { put: true } ? K : never]?: Held<A[K]> };

/** Declares a resource's attributes, keeping their types. */
export const attributes = <const A extends Attributes>(declared: A): A => declared;

const shown = { type: text(255) } as const;

/** Attributes of every resource. */
export const identity = {
  id: { type: uuid, filter: true, sort: true },
  project_id: { type: text(255), post: true, filter: true, sort: true },
  tenant_id: { type: text(255), filter: true, sort: true },
} as const satisfies Attributes;

/** The name, of every resource that has one. */
export const named = {
  name: { type: name(), post: true, put: true, default: '', filter: true, sort: true },
} as const satisfies Attributes;

/** Attributes of every resource with standard attributes. */
export const standard = {
  description: { type: text(255), post: true, put: true, default: '', filter: true, sort: true },
  created_at: shown,
  updated_at: shown,
  revision_number: { type: nonNegative, filter: true, sort: true },
} as const satisfies Attributes;

/** Attributes of every resource that can be tagged. */
export const tagged = {
  tags: { type: text(255), filter: true },
  'tags-any': { type: text(255), hidden: true, filter: true },
  'not-tags': { type: text(255), hidden: true, filter: true },
  'not-tags-any': { type: text(255), hidden: true, filter: true },
} as const satisfies Attributes;
