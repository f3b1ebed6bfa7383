import { forbidden } from '#kit/errors/cloud-error.ts';

/** `options` of a user, role, project or domain: what Keystone calls resource options. */
export type ResourceOptions = Readonly<Record<string, unknown>>;

/** The options after an update: those it names are set, or with null taken away; the others stay. */
export function mergeOptions(options: ResourceOptions, changes: ResourceOptions = {}): ResourceOptions {
  return Object.fromEntries(Object.entries({ ...options, ...changes }).filter(([, value]) => value !== null));
}

interface Protected {
  readonly id: string;
  readonly options: ResourceOptions;
}

/** Throws `forbidden` for a change of an immutable resource, unless it is to make it mutable and nothing else. */
export function refuseImmutableUpdate(
  what: string,
  resource: Protected,
  changes: { readonly options?: ResourceOptions },
): void {
  if (!isImmutable(resource)) return;
  const releases = changes.options && 'immutable' in changes.options && !changes.options.immutable;
  if (releases && Object.keys(changes).length === 1) return;
  throw refusal('update', what, resource.id);
}

/** Throws `forbidden` for an immutable resource. */
export function refuseImmutableDelete(what: string, resource: Protected): void {
  if (isImmutable(resource)) throw refusal('delete', what, resource.id);
}

/** Whether a resource may neither be changed nor deleted, until that option is taken off. */
export const isImmutable = ({ options }: Protected): boolean => options.immutable === true;

const refusal = (verb: string, what: string, id: string) =>
  forbidden(
    `Unable to ${verb} immutable ${what} resource: \`${id}. Set resource option "immutable" to false first.`,
  );
