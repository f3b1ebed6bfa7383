import { isoMicrosNaive } from '#kit/clock/clock.ts';

import type { UsedServer } from './store.ts';

/** A period, in milliseconds. */
export interface Period {
  readonly start: number;
  readonly stop: number;
}

const msPerHour = 3_600_000;

/** The usage of each project in a period; `detailed` shows each server too. */
export function viewUsages(servers: readonly UsedServer[], period: Period, detailed: boolean, now: number) {
  return [...Map.groupBy(servers, (s) => s.projectId)].map(([projectId, own]) => {
    const sum = (size: (server: UsedServer) => number): number =>
      own.reduce((total, server) => total + size(server) * hoursOf(server, period), 0);
    return {
      tenant_id: projectId,
      total_hours: sum(() => 1),
      total_vcpus_usage: sum((s) => s.vcpus),
      total_memory_mb_usage: sum((s) => s.memoryMb),
      total_local_gb_usage: sum((s) => s.diskGb),
      start: isoMicrosNaive(period.start),
      stop: isoMicrosNaive(period.stop),
      ...(detailed && { server_usages: own.map((server) => viewServerUsage(server, period, now)) }),
    };
  });
}

const viewServerUsage = (server: UsedServer, period: Period, now: number) => ({
  instance_id: server.id,
  name: server.name,
  tenant_id: server.projectId,
  flavor: server.flavorName,
  vcpus: server.vcpus,
  memory_mb: server.memoryMb,
  local_gb: server.diskGb,
  hours: hoursOf(server, period),
  uptime: Math.floor(((server.terminatedAt ?? now) - server.launchedAt) / 1000),
  started_at: isoMicrosNaive(server.launchedAt),
  ended_at: server.terminatedAt === null ? null : isoMicrosNaive(server.terminatedAt),
  state: server.terminatedAt === null ? server.state : 'terminated',
});

/** How long a server ran within the period. */
function hoursOf(server: UsedServer, period: Period): number {
  const start = Math.max(server.launchedAt, period.start);
  const stop = Math.min(server.terminatedAt ?? period.stop, period.stop);
  return (stop - start) / msPerHour;
}
