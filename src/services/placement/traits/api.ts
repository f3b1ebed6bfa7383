import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf, type Query } from '#kit/http/endpoint.ts';

import { customPattern } from '../fields.ts';
import { answer, answersJson, locationOf } from '../requests.ts';
import type { Placement } from '../service.ts';
import { standardTraits } from '../standard/traits.ts';
import { isStandardTrait } from '../vocabulary.ts';
import { listTraitsQuery } from './schema.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#traits */
export const traitEndpoints = [
  endpoint({
    method: 'GET',
    path: '/traits',
    policy: 'placement:traits:list',
    since: '1.6',
    query: listTraitsQuery,
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const matches = nameFilter(call.query);
      const associated = associatedFilter(call.query);
      const { stores, startedAt } = call.service;
      const custom = await stores.traits.listCustom();
      const used = associated === undefined ? undefined : await stores.traits.associated();
      const shown = [...standardTraits, ...custom.map((t) => t.name)].filter(
        (name) => matches(name) && (used === undefined || used.has(name) === associated),
      );
      // standard traits are as old as this process
      const modified = Math.max(startedAt, ...custom.map((t) => t.createdAt));
      return answer(call, { traits: shown }, { modified: shown.length === 0 ? undefined : modified });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/traits/{name}',
    policy: 'placement:traits:show',
    since: '1.6',
    status: 204,
    handler: async (call) => {
      const { name } = call.params;
      if (isStandardTrait(name)) return answer(call, undefined, { modified: call.service.startedAt });
      const trait = await call.service.stores.traits.findCustom(name);
      if (!trait) throw notFound(`No such trait(s): ${name}.`);
      return answer(call, undefined, { modified: trait.createdAt });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/traits/{name}',
    policy: 'placement:traits:update',
    since: '1.6',
    status: 204,
    handler: async (call) => {
      const { name } = call.params;
      if (!new RegExp(customPattern).test(name) || name.length > 255) {
        throw badRequest(
          'The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"',
        );
      }
      const { made, createdAt } = await call.service.change(async (change) => {
        const present = await change.traits.findCustom(name);
        if (present) return { made: false, createdAt: present.createdAt };
        await change.traits.insertCustom({ name, createdAt: change.now }, change.revision);
        return { made: true, createdAt: change.now };
      });
      return answer(call, undefined, {
        status: made ? 201 : 204,
        modified: createdAt,
        headers: locationOf(call, `/traits/${name}`),
      });
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/traits/{name}',
    policy: 'placement:traits:delete',
    since: '1.6',
    status: 204,
    handler: async ({ service, params: { name } }) => {
      if (isStandardTrait(name)) throw badRequest(`Cannot delete standard trait ${name}.`);
      await service.change(async (change) => {
        if (!(await change.traits.findCustom(name))) throw notFound(`No such trait(s): ${name}.`);
        if (await change.traits.isAssociated(name))
          throw conflict(`The trait ${name} is in use by a resource provider.`);
        await change.traits.removeCustom(name);
      });
    },
  }),
];

/** Reads `name=in:A,B` or `name=startswith:A`. */
function nameFilter(query: Query): (name: string) => boolean {
  const text = query.name as string | undefined;
  if (text === undefined) return () => true;
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw badRequest(
      `Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: "${text}"`,
    );
  }
  const operator = text.slice(0, colon);
  const value = text.slice(colon + 1);
  if (operator === 'startswith') return (name) => name.startsWith(value);
  if (operator !== 'in') return () => true;
  const names = new Set(value.split(','));
  return (name) => names.has(name);
}

/** Reads `associated`: whether some provider must, or must not, have the trait. */
function associatedFilter(query: Query): boolean | undefined {
  const text = (query.associated as string | undefined)?.toLowerCase();
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false')
    throw badRequest('The query parameter "associated" only accepts "true" or "false"');
  return text === 'true';
}
