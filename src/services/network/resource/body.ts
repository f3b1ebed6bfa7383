import { isDeepStrictEqual } from 'node:util';

import { badBody } from '../errors.ts';
import type { Attribute, Attributes, Values } from './attribute.ts';
import type { Noun } from './noun.ts';

/** What a body names: one resource, or several to make at once. */
export interface Bodies {
  readonly bulk: boolean;
  readonly items: readonly Values[];
}

/** Whose resources the caller may make. */
export interface Ownership {
  readonly projectId: string | undefined;
  readonly anyProject: boolean;
}

type AnyNoun = Pick<Noun<never>, 'name' | 'collection' | 'attributes'>;

/** Checks a create's body and fills in defaults, following neutron_lib/api/attributes.py. Throws 400. */
export function readCreate(noun: AnyNoun, body: unknown, owner: Ownership): Bodies {
  const { bulk, items } = unwrap(noun, body, true);
  return {
    bulk,
    items: items.map((item) => {
      const values = withProject(noun, item, owner);
      if (noun.attributes.project_id?.post && values.project_id === undefined) {
        if (owner.projectId === undefined)
          throw badBody('Running without keystone AuthN requires that project_id is specified');
        values.project_id = owner.projectId;
      }
      refuseUnknown(noun, values);
      fillDefaults(noun.attributes, values);
      return convert(noun.attributes, values);
    }),
  };
}

/** Checks an update's body. Throws 400. */
export function readUpdate(noun: AnyNoun, body: unknown, owner: Ownership): Values {
  const values = withProject(noun, unwrap(noun, body, false).items[0]!, owner);
  refuseUnknown(noun, values);
  for (const [name, attribute] of Object.entries(noun.attributes)) {
    if (values[name] !== undefined && !(attribute as Attribute).put)
      throw badBody(`Cannot update read-only attribute ${name}`);
  }
  return convert(noun.attributes, values);
}

/** The attributes a create sets to something else than their default. */
export const explicitlySet = (attributes: Attributes, values: Values): string[] =>
  Object.keys(values).filter((name) => {
    const attribute = attributes[name] as Attribute | undefined;
    return attribute && values[name] !== undefined && !isDeepStrictEqual(values[name], attribute.default);
  });

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unwrap(noun: AnyNoun, body: unknown, allowBulk: boolean): Bodies {
  if (body !== undefined && !isObject(body)) throw badBody('Body contains invalid data');
  if (body && noun.collection in body) {
    if (!allowBulk) throw badBody('Bulk operation not supported');
    const list = body[noun.collection];
    if (!Array.isArray(list)) throw badBody('Body contains invalid data');
    if (list.length === 0) throw badBody('Resources required');
    // each item may be wrapped in its own key once more
    const items = list.map((item: unknown) => (isObject(item) && noun.name in item ? item[noun.name] : item));
    return { bulk: true, items: items.map((item) => ({ ...object(noun, item) })) };
  }
  if (!body || !(noun.name in body) || body[noun.name] === null)
    throw badBody(`Unable to find '${noun.name}' in request body`);
  return { bulk: false, items: [{ ...object(noun, body[noun.name]) }] };
}

function object(noun: AnyNoun, value: unknown): Values {
  if (!isObject(value)) throw badBody(`Object '${noun.name}' contains invalid data`);
  return value;
}

/** Makes one of `project_id` and its old name `tenant_id`. */
function withProject(noun: AnyNoun, item: Values, owner: Ownership): Values {
  const { tenant_id: tenant, ...values } = item;
  if (tenant === undefined && values.project_id === undefined) return values;
  if (tenant !== undefined && values.project_id !== undefined && tenant !== values.project_id)
    throw badBody("'project_id' and 'tenant_id' do not match");
  values.project_id ??= tenant;
  if (!noun.attributes.project_id) throw badBody(`Unrecognized attribute(s) 'project_id'`);
  if (values.project_id !== owner.projectId && !owner.anyProject) {
    throw badBody(
      "Specifying 'project_id' other than the authenticated project in request is not allowed for the current user.",
    );
  }
  return values;
}

function refuseUnknown(noun: AnyNoun, values: Values): void {
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(noun.attributes, name));
  if (unknown.length > 0) throw badBody(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
}

function fillDefaults(attributes: Attributes, values: Values): void {
  for (const [name, declared] of Object.entries(attributes)) {
    const attribute = declared as Attribute;
    if (!attribute.post) {
      if (values[name] !== undefined) throw badBody(`Attribute '${name}' not allowed in POST`);
    } else if (values[name] === undefined && !attribute.optional) {
      if (attribute.default === undefined)
        throw badBody(`Failed to parse request. Required attribute '${name}' not specified`);
      values[name] = attribute.default;
    }
  }
}

function convert(attributes: Attributes, values: Values): Values {
  for (const [name, declared] of Object.entries(attributes)) {
    if (values[name] === undefined) continue;
    const { type } = declared as Attribute;
    if (type.convert) values[name] = type.convert(values[name]);
    const problem = type.problem?.(values[name]);
    if (problem) throw badBody(`Invalid input for ${name}. Reason: ${problem}.`);
  }
  return values;
}
