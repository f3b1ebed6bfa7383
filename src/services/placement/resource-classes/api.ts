import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { customPattern } from '../fields.ts';
import { answer, answersJson, locationOf, newest, takesJson } from '../requests.ts';
import type { Placement } from '../service.ts';
import { standardResourceClasses } from '../standard/resource-classes.ts';
import type { Change } from '../stores.ts';
import { isStandardClass } from '../vocabulary.ts';
import { resourceClassBody } from './schema.ts';
import { resourceClassPath, viewResourceClass } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#resource-classes */
export const resourceClassEndpoints = [
  endpoint({
    method: 'GET',
    path: '/resource_classes',
    policy: 'placement:resource_classes:list',
    since: '1.2',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const custom = await call.service.stores.classes.listCustom();
      const names = [...standardResourceClasses, ...custom.map((c) => c.name)];
      // standard classes are as old as this process
      const modified = Math.max(call.service.startedAt, newest(custom) ?? 0);
      return answer(call, { resource_classes: names.map(viewResourceClass) }, { modified });
    },
  }),

  endpoint({
    method: 'POST',
    path: '/resource_classes',
    policy: 'placement:resource_classes:create',
    since: '1.2',
    body: resourceClassBody,
    status: 201,
    load: takesJson,
    handler: async (call) => {
      const { name } = call.body;
      if (!(await call.service.change((change) => createClass(change, name))))
        throw conflict(`Conflicting resource class already exists: ${name}`);
      return reply(undefined, { headers: locationOf(call, resourceClassPath(name)) });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/resource_classes/{name}',
    policy: 'placement:resource_classes:show',
    since: '1.2',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { name } = call.params;
      const found = isStandardClass(name)
        ? { createdAt: call.service.startedAt }
        : await call.service.stores.classes.findCustom(name);
      if (!found) throw notFound(`No such resource class ${name}.`);
      return answer(call, viewResourceClass(name), { modified: newest([found]) });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/resource_classes/{name}',
    policy: 'placement:resource_classes:update',
    since: '1.2',
    until: '1.6',
    body: resourceClassBody,
    status: 200,
    load: takesJson,
    handler: async ({ service, params, body }) => {
      await service.change((change) => renameClass(change, params.name, body.name));
      return viewResourceClass(body.name);
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/resource_classes/{name}',
    policy: 'placement:resource_classes:update',
    since: '1.7',
    status: 204,
    handler: async (call) => {
      const { name } = call.params;
      checkCustomName(name);
      const made = await call.service.change((change) => createClass(change, name));
      return reply(undefined, {
        status: made ? 201 : 204,
        headers: locationOf(call, resourceClassPath(name)),
      });
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/resource_classes/{name}',
    policy: 'placement:resource_classes:delete',
    since: '1.2',
    status: 204,
    handler: async ({ service, params: { name } }) => {
      if (isStandardClass(name))
        throw badRequest(`Error in delete resource class: Cannot delete standard resource class ${name}.`);
      await service.change(async (change) => {
        if (!(await change.classes.findCustom(name))) throw notFound(`No such resource class ${name}.`);
        if (await change.inventories.hasClass(name)) {
          throw conflict(
            `Error in delete resource class: Cannot delete resource class ${name}. Class is in use in inventory.`,
          );
        }
        await change.classes.removeCustom(name);
      });
    },
  }),
];

/** Makes a custom class; answers false when it is there already. */
async function createClass(change: Change, name: string): Promise<boolean> {
  if (await change.classes.findCustom(name)) return false;
  await change.classes.insertCustom(name, change.now, change.revision);
  return true;
}

async function renameClass(change: Change, from: string, to: string): Promise<void> {
  if (isStandardClass(from)) throw badRequest(`Cannot update standard resource class ${from}`);
  if (!(await change.classes.findCustom(from))) throw notFound(`No such resource class ${from}.`);
  if (from === to) return;
  if (await change.classes.findCustom(to)) throw conflict(`Resource class already exists: ${to}`);
  await change.classes.renameCustom(from, to, change.now);
  await change.inventories.renameClass(from, to);
  await change.allocations.renameClass(from, to);
  await change.clock.startEpoch();
}

function checkCustomName(name: string): void {
  const problem =
    name.length > 255
      ? `'${name}' is too long\n\nFailed validating 'maxLength' in schema['properties']['name']`
      : !new RegExp(customPattern).test(name) &&
        `'${name}' does not match '${customPattern}'\n\nFailed validating 'pattern' in schema['properties']['name']`;
  if (problem) throw badRequest(`JSON does not validate: ${problem}`);
}
