import Type from 'typebox';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';
import { since, strictSince } from '#kit/http/versioned-schema.ts';

import { nextLink } from '../links.ts';
import { pageOf, pagingParameters, textParameter } from '../query.ts';
import type { Compute } from '../service.ts';
import type { UsedServer } from './store.ts';
import { type Period, viewUsages } from './view.ts';

const endpoint = endpointOf<Compute>();
type AnyCall = Call<Compute, unknown, unknown, unknown>;

const showQuery = {
  start: textParameter,
  end: textParameter,
  limit: since('2.40', pagingParameters.limit),
  marker: since('2.40', pagingParameters.marker),
};

/** https://docs.openstack.org/api-ref/compute/#usage-reports-os-simple-tenant-usage */
export const usageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-simple-tenant-usage',
    policy: 'os_compute_api:os-simple-tenant-usage:list',
    query: strictSince('2.75', Type.Object({ ...showQuery, detailed: textParameter })),
    status: 200,
    handler: async (call) => {
      const now = call.service.parts.clock.now();
      const period = periodOf(call.query, now);
      const { servers, next } = await pageOfServers(call, period, 'os-simple-tenant-usage');
      const detailed = firstOf(call.query, 'detailed') === '1';
      return {
        tenant_usages: viewUsages(servers, period, detailed, now),
        ...(next && { tenant_usages_links: next }),
      };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-simple-tenant-usage/{id}',
    policy: 'os_compute_api:os-simple-tenant-usage:show',
    query: strictSince('2.75', Type.Object(showQuery)),
    status: 200,
    target: (_, call) => ({ project_id: call.params.id }),
    handler: async (call) => {
      const { id } = call.params;
      const now = call.service.parts.clock.now();
      const period = periodOf(call.query, now);
      const { servers, next } = await pageOfServers(call, period, `os-simple-tenant-usage/${id}`, id);
      const [usage] = viewUsages(servers, period, true, now);
      return { tenant_usage: usage ?? {}, ...(next && { tenant_usage_links: next }) };
    },
  }),
];

async function pageOfServers(
  call: AnyCall,
  period: Period,
  path: string,
  projectId?: string,
): Promise<{ servers: UsedServer[]; next: object | undefined }> {
  const { service, query } = call;
  const maxLimit = service.parts.options.max_limit;
  const paged = call.atLeast('2.40');
  const page = paged ? pageOf(query, maxLimit) : { limit: maxLimit, marker: undefined };
  const servers = await service.usage.servers({
    ...period,
    limit: page.limit,
    ...(projectId !== undefined && { projectId }),
    ...(page.marker !== undefined && { marker: page.marker }),
  });
  if (!servers) throw badRequest(`Marker ${page.marker} could not be found.`);
  const ids = servers.map((s) => s.id);
  return { servers, next: paged ? nextLink(call.request, path, page, ids) : undefined };
}

/** The period a query asks for, which ends now at the latest. Throws `badRequest` for a period that is none. */
function periodOf(query: Query, now: number): Period {
  const start = readTime(firstOf(query, 'start')) ?? now;
  const end = readTime(firstOf(query, 'end'));
  // a period that both begins and ends now is what one gets by asking for none
  if (end === undefined ? start > now : start >= end) {
    throw badRequest('Invalid start time. The start time cannot occur after the end time.');
  }
  return { start, stop: Math.min(end ?? now, now) };
}

/** Of several values the first counts here. */
function firstOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?| \d\d:\d\d:\d\d\.\d{1,6})$/;

/** A time as this API alone takes it: always UTC, never said so. */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = timePattern.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : NaN;
  if (Number.isNaN(ms)) throw badRequest('Invalid datetime string: Datetime is in invalid format');
  return ms;
}
