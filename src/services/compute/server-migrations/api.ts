import Type from 'typebox';

import { parseIso } from '#kit/clock/clock.ts';
import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf, type Query } from '#kit/http/endpoint.ts';

import { nextLink } from '../links.ts';
import { lastOf, noQuery, pageOf } from '../query.ts';
import { loadsServer, type ServerCall } from '../servers/find.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { listMigrationsQuery } from './schema.ts';
import type { MigrationFilter, ServerMigration } from './store.ts';
import { viewMigration } from './view.ts';

const endpoint = endpointOf<Compute>();

/**
 * https://docs.openstack.org/api-ref/compute/#migrations-os-migrations and
 * https://docs.openstack.org/api-ref/compute/#server-migrations-servers-migrations, which knows live migrations only:
 * there are none.
 */
export const serverMigrationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-migrations',
    policy: 'os_compute_api:os-migrations:index',
    query: listMigrationsQuery,
    status: 200,
    handler: async (call) => {
      const { service, query, request } = call;
      const project = lastOf(query, 'project_id');
      if (project === undefined || project !== call.auth.projectId)
        call.enforce('os_compute_api:os-migrations:index:all_projects');
      const migrations = await listMigrations(call, query);
      const shown = {
        hosts: call.allows('os_compute_api:os-migrations:index:host'),
        type: call.atLeast('2.23'),
        uuid: call.atLeast('2.59'),
        owner: call.atLeast('2.80'),
      };
      const ids = migrations.map(({ uuid }) => uuid);
      const page = pageOf(query, service.parts.options.max_limit);
      const links = call.atLeast('2.59') && nextLink(request, 'os-migrations', page, ids);
      return {
        migrations: migrations.map((migration) => viewMigration(migration, shown)),
        ...(links && { migrations_links: links }),
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/migrations',
    since: '2.23',
    policy: 'os_compute_api:servers:migrations:index',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: () => ({ migrations: [] }),
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/migrations/{migration_id}',
    since: '2.23',
    policy: 'os_compute_api:servers:migrations:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: ({ resource, params }) => {
      throw notFound(
        `In-progress live migration ${params.migration_id} is not found for server ${resource.id}.`,
      );
    },
  }),
  endpoint({
    method: 'POST',
    path: '/servers/{server_id}/migrations/{migration_id}/action',
    action: 'force_complete',
    since: '2.22',
    policy: 'os_compute_api:servers:migrations:force_complete',
    body: Type.Object({ force_complete: Type.Null() }, { additionalProperties: false }),
    status: 202,
    ...loadsServer,
    handler: ({ resource }) => refuse('force_complete', resource),
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/migrations/{migration_id}',
    since: '2.24',
    policy: 'os_compute_api:servers:migrations:delete',
    status: 202,
    ...loadsServer,
    handler: ({ resource }) => refuse('abort live migration', resource),
  }),
];

function refuse(action: string, server: Server): never {
  const state = server.taskState ?? 'None';
  throw conflict(`Cannot '${action}' instance ${server.id} while it is in task_state ${state}`);
}

async function listMigrations(call: ServerCall, query: Query): Promise<ServerMigration[]> {
  const { service } = call;
  const paged = call.atLeast('2.59');
  // nothing is ever hidden
  const hidden = lastOf(query, 'hidden');
  if (hidden !== undefined && !['0', 'false'].includes(hidden.toLowerCase())) return [];
  return service.migrations.list({
    ...textFilters(query),
    ...(paged && (await pageFilter(service, query))),
    ...(paged && timeFilter(query, call.atLeast('2.66'))),
    ...(call.atLeast('2.80') && ownerFilter(query)),
  });
}

const textFilters = (query: Query): MigrationFilter => {
  const { status } = query;
  return {
    ...(status !== undefined && { status: [status].flat() }),
    ...given('host', lastOf(query, 'host')),
    ...given('sourceHost', lastOf(query, 'source_compute')),
    ...given('type', lastOf(query, 'migration_type')),
    ...given('serverId', lastOf(query, 'instance_uuid')),
  };
};

const ownerFilter = (query: Query): MigrationFilter => ({
  ...given('userId', lastOf(query, 'user_id')),
  ...given('projectId', lastOf(query, 'project_id')),
});

const given = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: string });

async function pageFilter(service: Compute, query: Query): Promise<MigrationFilter> {
  const { limit, marker } = pageOf(query, service.parts.options.max_limit);
  const after = marker === undefined ? undefined : await service.migrations.find(marker);
  if (marker !== undefined && !after) throw badRequest(`Marker ${marker} could not be found.`);
  return { limit, ...(after && { after }) };
}

function timeFilter(query: Query, hasBefore: boolean): MigrationFilter {
  const moment = (name: string): number | undefined => {
    const text = lastOf(query, name);
    return text === undefined ? undefined : parseIso(text);
  };
  const since = moment('changes-since');
  const before = hasBefore ? moment('changes-before') : undefined;
  if (since !== undefined && before !== undefined && before < since)
    throw badRequest('The value of changes-since must be less than or equal to changes-before.');
  return {
    ...(since !== undefined && { changedSince: since }),
    ...(before !== undefined && { changedBefore: before }),
  };
}
