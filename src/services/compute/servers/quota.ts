import type { Transaction } from 'kysely';

import type { AnyTransaction } from '#kit/db/database.ts';
import { forbidden } from '#kit/errors/cloud-error.ts';
import { lockQuota } from '#kit/quota/quota.ts';

import type { Limits } from '../quotas/limits.ts';
import type { Compute } from '../service.ts';
import type { InjectedFile } from './server.ts';
import type { ServerTables, ServerUsage } from './store.ts';

const resources = ['cores', 'instances', 'ram'] as const;
type Resource = (typeof resources)[number];

/** Whose quota: a user of a project has limits of the project's and perhaps of their own. */
interface Owner {
  readonly projectId: string;
  readonly userId: string;
}

/** What one server takes. */
interface Size {
  readonly vcpus: number;
  readonly memoryMb: number;
}

/**
 * How many servers, from `least` to `most`, the quotas leave room for. To be called in the transaction that inserts them.
 * Throws `forbidden`, in Nova's words, when there is no room for `least`.
 */
export async function roomForServers(
  service: Compute,
  trx: AnyTransaction,
  owner: Owner,
  size: Size,
  least: number,
  most: number,
): Promise<number> {
  const headroom = await headroomOf(service, trx, owner);
  const fits = Math.min(
    headroom.instances.left,
    size.vcpus > 0 ? Math.floor(headroom.cores.left / size.vcpus) : Infinity,
    size.memoryMb > 0 ? Math.floor(headroom.ram.left / size.memoryMb) : Infinity,
  );
  if (fits >= least) return Math.min(fits, most);
  const needed = { instances: most, cores: most * size.vcpus, ram: most * size.memoryMb };
  const asked = { ...needed, instances: least === most ? least : `${least}-${most}` };
  throw tooMany(headroom, needed, asked);
}

/** Throws `forbidden` unless the quotas leave room for a server to grow. To be called in the transaction that grows it. */
export async function checkRoomToGrow(
  service: Compute,
  trx: AnyTransaction,
  owner: Owner,
  more: Size,
): Promise<void> {
  const needed = { instances: 0, cores: Math.max(0, more.vcpus), ram: Math.max(0, more.memoryMb) };
  if (needed.cores === 0 && needed.ram === 0) return;
  const headroom = await headroomOf(service, trx, owner);
  if (needed.cores > headroom.cores.left || needed.ram > headroom.ram.left)
    throw tooMany(headroom, needed, needed);
}

/** A resource: how much of it is used, of how much, and how much is left. */
interface Headroom {
  readonly used: number;
  readonly limit: number;
  readonly left: number;
}

async function headroomOf(
  service: Compute,
  trx: AnyTransaction,
  { projectId, userId }: Owner,
): Promise<Record<Resource, Headroom>> {
  await lockQuota(trx, service.parts.database.kind, 'compute', projectId);
  const servers = trx as Transaction<ServerTables>;
  const ofProject = await service.quotas.limitsOf(projectId);
  const ofUser = await service.quotas.limitsOf(projectId, userId);
  const whole = await service.servers.usage(projectId, undefined, servers);
  // only a user with limits of their own is counted separately
  const narrowed = resources.some((resource) => ofUser[resource] !== ofProject[resource]);
  const own = narrowed ? await service.servers.usage(projectId, userId, servers) : undefined;
  return Object.fromEntries(
    resources.map((resource) => {
      const project = leftOf(whole, ofProject, resource);
      const user = own && leftOf(own, ofUser, resource);
      return [resource, user && user.left < project.left ? user : project];
    }),
  ) as Record<Resource, Headroom>;
}

function leftOf(usage: ServerUsage, limits: Limits, resource: Resource): Headroom {
  const limit = limits[resource];
  const used = usage[resource];
  return { used, limit, left: limit < 0 ? Infinity : limit - used };
}

function tooMany(
  headroom: Record<Resource, Headroom>,
  needed: Record<Resource, number>,
  asked: Record<Resource, number | string>,
) {
  const over = resources.filter((resource) => needed[resource] > headroom[resource].left);
  const list = (value: (resource: Resource) => number | string) => over.map(value).join(', ');
  return forbidden(
    `Quota exceeded for ${list((r) => r)}: Requested ${list((r) => asked[r])}, but already used ${list(
      (r) => headroom[r].used,
    )} of ${list((r) => headroom[r].limit)} ${list((r) => r)}`,
  );
}

const exceeds = (amount: number, limit: number): boolean => limit >= 0 && amount > limit;

/** Throws `forbidden` when a server has more metadata items than it may. */
export function checkMetadataQuota(limits: Limits, metadata: Readonly<Record<string, string>>): void {
  if (exceeds(Object.keys(metadata).length, limits.metadata_items)) {
    throw forbidden(`Maximum number of metadata items exceeds ${limits.metadata_items}`);
  }
}

/** Throws `forbidden` when there are too many files, or one of them or its path is too long. */
export function checkFileQuota(limits: Limits, files: readonly InjectedFile[]): void {
  if (exceeds(files.length, limits.injected_files)) throw forbidden('Personality file limit exceeded');
  for (const { path } of files) {
    if (exceeds(path.length, limits.injected_file_path_bytes)) {
      throw forbidden(`Personality file path exceeds maximum ${limits.injected_file_path_bytes}`);
    }
  }
  for (const { contents } of files) {
    if (exceeds(contents.length, limits.injected_file_content_bytes)) {
      throw forbidden(`Personality file content exceeds maximum ${limits.injected_file_content_bytes}`);
    }
  }
}
