import { badRequest } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

const timestamp = /^\d{4}-\d\d?-\d\d? \d\d?:\d\d?:\d\d?(?:\.\d{1,6})?$/;

/**
 * https://docs.openstack.org/api-ref/compute/#server-usage-audit-log-os-instance-usage-audit-log
 * Hosts do not audit usage, as Nova's do not unless told to: every one of them has not run.
 */
export const usageAuditLogEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-instance_usage_audit_log',
    policy: 'os_compute_api:os-instance-usage-audit-log:list',
    query: noQuery,
    status: 200,
    handler: async ({ service }) => ({
      instance_usage_audit_logs: await auditLog(service, new Date(service.parts.clock.now())),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/os-instance_usage_audit_log/{before}',
    policy: 'os_compute_api:os-instance-usage-audit-log:show',
    query: noQuery,
    status: 200,
    handler: async ({ service, params }) => {
      const before = new Date(timestamp.test(params.before) ? `${params.before}Z` : Number.NaN);
      if (Number.isNaN(before.getTime())) throw badRequest(`Invalid timestamp for date ${params.before}`);
      return { instance_usage_audit_log: await auditLog(service, before) };
    },
  }),
];

/** The audits of the last whole month before a moment. */
async function auditLog(service: Compute, before: Date) {
  const hosts = (await service.hosts.list()).map((host) => host.name);
  // a month that ends this very moment is not over yet
  const inMonth = new Date(before.getTime() - 1);
  const first = (monthsAgo: number) =>
    new Date(Date.UTC(inMonth.getUTCFullYear(), inMonth.getUTCMonth() - monthsAgo, 1))
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
  const done = hosts.length === 0 ? 'ALL' : `0 of ${hosts.length}`;
  return {
    period_beginning: first(1),
    period_ending: first(0),
    num_hosts: hosts.length,
    num_hosts_done: 0,
    num_hosts_running: 0,
    num_hosts_not_run: hosts.length,
    hosts_not_run: hosts,
    total_instances: 0,
    total_errors: 0,
    overall_status: `${done} hosts done. 0 errors.`,
    log: {},
  };
}
