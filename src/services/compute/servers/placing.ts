import { badRequest } from '#kit/errors/cloud-error.ts';

import { defaultZone, zoneKey, zoneOf } from '../aggregates/zones.ts';
import type { NamedHost } from '../scheduler/host-state.ts';
import type { Compute } from '../service.ts';
import type { ServerCall } from './find.ts';
import type { CreateServer } from './schema.ts';

/** Where a new server is to go, as far as the caller says. */
export interface Wish {
  readonly zone: string | null;
  readonly forced: NamedHost | undefined;
  readonly destination: NamedHost | undefined;
}

/** Reads `availability_zone`, also as `zone:host:node`, and `host` and `hypervisor_hostname`. Throws as Nova does. */
export async function readWish(call: ServerCall, server: CreateServer): Promise<Wish> {
  const { zone, forced } = parseZone(server.availability_zone);
  if (forced) call.enforce('os_compute_api:servers:create:forced_host');
  const destination = await readDestination(call, server, forced);
  if (forced?.host !== undefined) {
    return { zone: await zoneIfOfHost(call.service, zone, forced.host), forced, destination };
  }
  if (zone !== null) await requireZone(call.service, zone);
  return { zone, forced, destination };
}

/** Throws `badRequest` unless the zone has a host that is up and not disabled. */
export async function requireZone(service: Compute, zone: string): Promise<void> {
  const aggregates = await service.aggregates.all();
  const hosts = await service.hosts.list();
  const available = hosts.some(
    (host) => service.hosts.isUsable(host) && zoneOf(aggregates, host.name) === zone,
  );
  if (!available) throw badRequest('The requested availability zone is not available');
}

function parseZone(text: string | undefined): { zone: string | null; forced: NamedHost | undefined } {
  const parts = text?.split(':') ?? [];
  if (parts.length > 3) throw badRequest('Invalid input received: Unable to parse availability_zone');
  const [zone = '', host = '', node = ''] = parts;
  const named = { ...(host !== '' && { host }), ...(node !== '' && { node }) };
  return { zone: zone === '' ? null : zone, forced: Object.keys(named).length > 0 ? named : undefined };
}

async function readDestination(
  call: ServerCall,
  server: CreateServer,
  forced: NamedHost | undefined,
): Promise<NamedHost | undefined> {
  const { host, hypervisor_hostname: node } = server;
  if (host === undefined && node === undefined) return undefined;
  call.enforce('compute:servers:create:requested_destination');
  if (forced) {
    throw badRequest(
      'One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.',
    );
  }
  const named = host ?? node!;
  if (!(await call.service.hosts.find(named)) || (node !== undefined && node !== named)) {
    throw badRequest(`Compute host ${named} could not be found.`);
  }
  return { ...(host !== undefined && { host }), ...(node !== undefined && { node }) };
}

/** A forced host counts more than the zone beside it: a zone that is not the host's is forgotten. */
async function zoneIfOfHost(service: Compute, zone: string | null, host: string): Promise<string | null> {
  const aggregates = await service.aggregates.all();
  const zones = aggregates.filter((a) => a.hosts.includes(host)).flatMap((a) => a.metadata[zoneKey] ?? []);
  return zone === (zones[0] ?? defaultZone) ? zone : null;
}
