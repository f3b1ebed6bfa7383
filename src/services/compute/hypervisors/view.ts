import type { Values } from '#kit/config/options.ts';
import type { Version } from '#kit/http/microversion.ts';

import type { Host, HostUsage } from '../hosts/store.ts';
import type { computeOptions } from '../options.ts';

/** A server as hypervisors show it: by the name the host knows it by. */
export interface HostedServer {
  readonly name: string;
  readonly uuid: string;
}

/** A host with what is shown beside it. */
export interface HypervisorFacts {
  readonly host: Host;
  readonly up: boolean;
  readonly usage: HostUsage;
  /** Left out when nobody asked for servers. */
  readonly servers?: readonly HostedServer[];
}

/** What decides how a hypervisor is shown. */
export interface HypervisorViewer {
  readonly options: Values<typeof computeOptions>;
  atLeast(version: Version): boolean;
}

/** A hypervisor as lists show it. */
export function viewHypervisorBriefly(facts: HypervisorFacts, viewer: HypervisorViewer) {
  const { host, up, servers } = facts;
  const shown = servers && (servers.length > 0 || viewer.atLeast('2.75'));
  return {
    id: viewer.atLeast('2.53') ? host.uuid : host.id,
    hypervisor_hostname: host.name,
    state: up ? 'up' : 'down',
    status: host.service.disabled ? 'disabled' : 'enabled',
    ...(shown && { servers }),
  };
}

/** A hypervisor with everything about it. */
export function viewHypervisor(facts: HypervisorFacts, viewer: HypervisorViewer) {
  const { host, up } = facts;
  return {
    ...viewHypervisorBriefly(facts, viewer),
    hypervisor_type: host.facts.hypervisorType,
    hypervisor_version: host.facts.hypervisorVersion,
    host_ip: host.facts.address ?? null,
    service: {
      id: viewer.atLeast('2.53') ? host.service.uuid : host.service.id,
      host: host.name,
      disabled_reason: host.service.disabledReason,
    },
    ...(viewer.atLeast('2.88')
      ? { uptime: up ? host.facts.uptime : null }
      : { ...resourcesOf(facts, viewer.options), cpu_info: cpuInfo(host, viewer) }),
  };
}

/** Sizes and use of a host: what until 2.87 Compute told, and since then only Placement tells. */
export function resourcesOf({ host, usage }: HypervisorFacts, options: Values<typeof computeOptions>) {
  const { vcpus, memoryMb, diskGb, diskFreeGb } = host.facts;
  const memoryUsed = options.reserved_host_memory_mb + usage.memoryMb;
  const diskUsed = options.reserved_host_disk_gb + usage.diskGb;
  return {
    vcpus,
    memory_mb: memoryMb,
    local_gb: diskGb,
    vcpus_used: options.reserved_host_cpus + usage.vcpus,
    memory_mb_used: memoryUsed,
    local_gb_used: diskUsed,
    free_ram_mb: memoryMb - memoryUsed,
    free_disk_gb: diskGb - diskUsed,
    disk_available_least: diskFreeGb,
    current_workload: usage.busy,
    running_vms: usage.servers,
  };
}

/** Until 2.27 it was JSON within JSON. */
function cpuInfo(host: Host, viewer: HypervisorViewer) {
  return viewer.atLeast('2.28') ? host.facts.cpu : JSON.stringify(host.facts.cpu);
}
