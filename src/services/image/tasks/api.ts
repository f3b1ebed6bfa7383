import type { SortKey } from '#kit/db/keyset.ts';
import { badRequest, CloudError, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { notFoundWords } from '../faults.ts';
import { newImageOf, readCreateRequest } from '../images/create.ts';
import { imageFor, targetOf, viewerOf } from '../images/lookup.ts';
import { last, readLimit } from '../images/query.ts';
import { startNewImport } from '../imports/start.ts';
import type { Image } from '../service.ts';
import type { Task } from './store.ts';
import { viewImageTasks, viewTask, viewTasks } from './view.ts';

const endpoint = endpointOf<Image>();

type AnyCall = Pick<Call<Image>, 'service' | 'auth' | 'allows'>;

/** https://docs.openstack.org/api-ref/image/v2/#tasks */
export const taskEndpoints = [
  endpoint({
    method: 'GET',
    path: '/tasks',
    policy: 'tasks_api_access',
    status: 200,
    handler: async (call) => {
      const { service, query } = call;
      const { limit_param_default, api_limit_max } = service.options;
      const request = readTaskQuery(query);
      const limit = Math.min(request.limit ?? limit_param_default, api_limit_max);
      const marker = request.marker === undefined ? undefined : await markerOf(call, request.marker);
      const found = await service.tasks.list({ ...request, marker, limit });
      const tasks = found.filter((task) => isSeen(call, task));
      const parameters = Object.entries(query).map(([name, value]) => [name, last(value) ?? ''] as const);
      const isFull = tasks.length > 0 && found.length === limit;
      return viewTasks(tasks, new Map(parameters), isFull ? tasks.at(-1)!.id : undefined);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/tasks',
    policy: 'tasks_api_access',
    status: 201,
    body: 'json',
    handler: async (call) => {
      const { service, body } = call;
      const { input, from, properties } = readTask(body, (value) => service.taskSchema.check(value));
      service.imageSchema.check(properties);
      const request = readCreateRequest(properties);
      const owner = request.attributes.owner ?? call.auth.projectId ?? null;
      await service.quotas.check(owner, { image_count_total: 1 });
      const image = newImageOf(request, owner, service.options);
      const id = await startNewImport(service, image, from, input, call);
      const task = await service.tasks.find(id);
      return reply(viewTask(task!), { headers: { location: `${call.request.origin}/v2/tasks/${id}` } });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/tasks/{task_id}',
    policy: 'tasks_api_access',
    status: 200,
    handler: async (call) => viewTask(await visibleTask(call, call.params.task_id)),
  }),

  endpoint({
    method: 'DELETE',
    path: '/tasks/{task_id}',
    policy: 'tasks_api_access',
    status: 405,
    handler: () => {
      throw new CloudError(
        'methodNotAllowed',
        'This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching the time based on their expires_at property.',
        { details: { headers: { allow: 'GET' } } },
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/images/{image_id}/tasks',
    policy: 'get_image',
    status: 200,
    load: (call) => imageFor(call, 'get_image', call.params.image_id, notFoundWords),
    target: (image, call) => targetOf(image, call.auth),
    handler: async (call) => {
      const tasks = await call.service.tasks.ofImage(call.resource.id);
      return viewImageTasks(tasks.filter((task) => isSeen(call, task)));
    },
  }),
];

/** A project sees its own tasks, administrators all. */
const isSeen = (call: AnyCall, task: Task): boolean =>
  task.owner === call.auth.projectId || viewerOf(call).admin;

async function visibleTask(call: AnyCall, id: string): Promise<Task> {
  const task = await call.service.tasks.find(id);
  if (!task || !isSeen(call, task)) throw notFound(`Could not find task ${id}`);
  return task;
}

async function markerOf(call: AnyCall, id: string): Promise<Task> {
  try {
    return await visibleTask(call, id);
  } catch {
    throw badRequest(`No task found with ID ${id}`);
  }
}

const sortable = ['id', 'type', 'status', 'owner', 'expires_at', 'created_at', 'updated_at'];

function readTaskQuery(query: Query) {
  const column = last(query.sort_key) ?? 'created_at';
  const direction = last(query.sort_dir) ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  if (!sortable.includes(column)) throw badRequest('Sort key supplied was not valid.');
  const status = last(query.status) || undefined;
  if (status && !['pending', 'processing', 'success', 'failure'].includes(status))
    throw badRequest(`Invalid status value: ${status}`);
  const type = last(query.type) || undefined;
  if (type && type !== 'import') throw badRequest(`Invalid type value: ${type}`);
  const marker = last(query.marker);
  if (marker && !isUuidLike(marker)) throw badRequest('Invalid marker format');
  const limit = last(query.limit);
  const rest = ['created_at', 'id'].filter((name) => name !== column);
  const sort: SortKey[] = [column, ...rest].map((name) => ({ column: name, direction }));
  return { status, type, sort, marker, limit: limit === undefined ? undefined : readLimit(limit) };
}

/** Reads a task, which must be an import that makes its image: other imports have an endpoint of their own. */
function readTask(body: unknown, check: (value: unknown) => void) {
  if (body === undefined) throw badRequest('Body expected in request.');
  for (const name of ['type', 'input'])
    if (typeof body !== 'object' || body === null || !(name in body))
      throw badRequest(`Task '${name}' is required`);
  check(body);
  const { type, input } = body as { type: string; input: Record<string, unknown> | null };
  if (type !== 'import') throw badRequest(`Provided type of task is unsupported: ${type}`);
  const { import_from: from, image_properties: properties = {} } = input ?? {};
  if (typeof from !== 'string' || from === '') throw badRequest("Input does not contain 'import_from' field");
  return { input: input ?? {}, from, properties: properties as Record<string, unknown> };
}
