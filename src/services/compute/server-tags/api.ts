import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';
import { Validator } from '#kit/http/validation.ts';

import { apiRoot } from '../links.ts';
import { editServer } from '../servers/edit.ts';
import { maxTags, tag } from '../servers/fields.ts';
import { loadsServer } from '../servers/find.ts';
import type { Server, VmState } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { noBody, replaceTagsBody } from './schema.ts';

const endpoint = endpointOf<Compute>();
const since = '2.26';
const tagValidator = new Validator(tag);

/** https://docs.openstack.org/api-ref/compute/#server-tags-servers-tags */
export const serverTagEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/tags',
    since,
    policy: 'os_compute_api:os-server-tags:index',
    status: 200,
    ...loadsServer,
    handler: ({ resource }) => ({ tags: resource.tags }),
  }),
  endpoint({
    method: 'PUT',
    path: '/servers/{server_id}/tags',
    since,
    policy: 'os_compute_api:os-server-tags:update_all',
    body: replaceTagsBody,
    status: 200,
    ...loadsServer,
    handler: async ({ service, resource, body }) => {
      checkState(resource, 'update tags');
      return { tags: await editServer(service, resource, 'tags', () => [...new Set(body.tags)]) };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/tags',
    since,
    policy: 'os_compute_api:os-server-tags:delete_all',
    status: 204,
    ...loadsServer,
    handler: async ({ service, resource }) => {
      checkState(resource, 'delete tags');
      await editServer(service, resource, 'tags', () => []);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/tags/{tag}',
    since,
    policy: 'os_compute_api:os-server-tags:show',
    status: 204,
    ...loadsServer,
    handler: ({ resource, params }) => {
      if (!resource.tags.includes(params.tag)) throw noTag(resource, params.tag);
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/servers/{server_id}/tags/{tag}',
    since,
    policy: 'os_compute_api:os-server-tags:update',
    body: noBody,
    status: 201,
    ...loadsServer,
    handler: async ({ service, resource, params, request }) => {
      checkState(resource, 'update tag');
      checkTag(params.tag);
      let known = false;
      await editServer(service, resource, 'tags', (tags) => {
        if (tags.length >= maxTags)
          throw badRequest(`The number of tags exceeded the per-server limit ${maxTags}`);
        known = tags.includes(params.tag);
        return known ? undefined : [...tags, params.tag];
      });
      if (known) return reply(undefined, { status: 204 });
      const location = `${apiRoot(request)}/servers/${resource.id}/tags/${encodeURIComponent(params.tag)}`;
      return reply(undefined, { headers: { location } });
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/tags/{tag}',
    since,
    policy: 'os_compute_api:os-server-tags:delete',
    status: 204,
    ...loadsServer,
    handler: async ({ service, resource, params }) => {
      checkState(resource, 'delete tag');
      await editServer(service, resource, 'tags', (tags) => {
        if (!tags.includes(params.tag)) throw noTag(resource, params.tag);
        return tags.filter((other) => other !== params.tag);
      });
    },
  }),
];

const taggable: readonly VmState[] = ['active', 'paused', 'suspended', 'stopped'];

function checkState(server: Server, word: string): void {
  if (taggable.includes(server.vmState)) return;
  throw conflict(`Cannot '${word}' instance ${server.id} while it is in vm_state ${server.vmState}`);
}

function checkTag(text: string): void {
  const problem = tagValidator.check(text, 0);
  if (!problem) return;
  throw badRequest(
    `Tag '${text}' is invalid. It must be a non empty string without characters '/' and ','. Validation error message: ${problem.message}`,
  );
}

const noTag = (server: Server, text: string) => notFound(`Server ${server.id} has no tag '${text}'`);
