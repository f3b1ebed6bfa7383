import { standardResourceClasses } from './standard/resource-classes.ts';
import { standardTraits } from './standard/traits.ts';
import type { Stores } from './stores.ts';

/** Which traits and resource classes there are: the standard ones, and those somebody made. */

const traits = new Set(standardTraits);
const classes = new Map(standardResourceClasses.map((name, index) => [name, index]));

/** Whether os-traits has a trait of this name. */
export const isStandardTrait = (name: string): boolean => traits.has(name);
/** Whether os-resource-classes has a class of this name. */
export const isStandardClass = (name: string): boolean => classes.has(name);

/** Resource classes in the order they are shown: the standard ones in their own, then custom ones by name. */
export const compareClasses = (a: string, b: string): number =>
  (classes.get(a) ?? Infinity) - (classes.get(b) ?? Infinity) || (a < b ? -1 : 1);

/** Traits in the order they are shown: the standard ones first, each kind by name. */
export const compareTraits = (a: string, b: string): number =>
  Number(traits.has(b)) - Number(traits.has(a)) || (a < b ? -1 : 1);

/** The first of these resource classes that does not exist. */
export async function unknownClass(stores: Stores, names: Iterable<string>): Promise<string | undefined> {
  const custom = [...names].filter((name) => !classes.has(name));
  if (custom.length === 0) return undefined;
  const known = new Set((await stores.classes.listCustom()).map((c) => c.name));
  return custom.find((name) => !known.has(name));
}

/** Those of these traits that do not exist. */
export async function unknownTraits(stores: Stores, names: Iterable<string>): Promise<string[]> {
  const custom = [...names].filter((name) => !traits.has(name));
  if (custom.length === 0) return [];
  const known = new Set((await stores.traits.listCustom()).map((t) => t.name));
  return custom.filter((name) => !known.has(name));
}
