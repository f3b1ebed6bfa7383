import { bit, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { invalidInput } from '../errors.ts';
import { createServicePort } from '../ports/service-port.ts';
import { openToAll } from '../rbac-policies/store.ts';
import type { Created } from '../resource/attribute.ts';
import { ensureDefaultGroup } from '../security-groups/create.ts';
import type { NetworkTable } from '../tables.ts';
import type { Work } from '../work.ts';
import { availabilityZoneNotFound, defaultExternalNetworkExists } from './errors.ts';
import type { networkAttributes } from './schema.ts';
import { candidateSegments, maxMtu, type Segment, wantedSegment } from './segments.ts';
import { insertNetwork, otherDefaultNetwork } from './store.ts';

type NewNetwork = Created<typeof networkAttributes>;

/** Makes a network on a segment of its own, with its service port. Answers its id. */
export async function createNetwork(work: Work, given: NewNetwork): Promise<string> {
  checkZones(work, given.availability_zone_hints);
  const id = newUuid();
  const external = given['router:external'];
  if (given.is_default) await requireNoOtherDefault(work, id);
  await insertOnSegment(work, given, id);
  const object = { type: 'network', id, projectId: given.project_id };
  if (given.shared) await openToAll(work.db, object, 'access_as_shared');
  if (external) await openToAll(work.db, object, 'access_as_external');
  if (given.project_id !== '') await ensureDefaultGroup(work, given.project_id);
  await createServicePort(work, { id, projectId: given.project_id });
  work.touch('network', id);
  return id;
}

async function insertOnSegment(work: Work, given: NewNetwork, id: string): Promise<void> {
  const wanted = wantedSegment(
    {
      type: given['provider:network_type'],
      physicalNetwork: given['provider:physical_network'],
      segmentationId: given['provider:segmentation_id'],
    },
    work.settings,
  );
  const mtu = allowedMtu(work, wanted.type, given.mtu);
  for await (const segment of candidateSegments(work.db, wanted, work.settings)) {
    if (await insertNetwork(work.db, rowOf(work, given, id, segment, mtu))) return;
  }
}

function rowOf(work: Work, given: NewNetwork, id: string, segment: Segment, mtu: number): NetworkTable {
  return {
    id,
    project_id: given.project_id,
    name: given.name,
    description: given.description,
    admin_state_up: bit(given.admin_state_up),
    status: 'ACTIVE',
    mtu,
    external: bit(given['router:external']),
    is_default: bit(given.is_default && given['router:external']),
    port_security_enabled: bit(given.port_security_enabled),
    dns_domain: given.dns_domain,
    network_type: segment.type,
    physical_network: segment.physicalNetwork,
    segmentation_id: segment.segmentationId,
    availability_zone_hints: toJson(given.availability_zone_hints),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 1,
  };
}

/** The MTU asked for, 0 meaning the largest. Throws `InvalidInput` for more than the segment carries. */
export function allowedMtu(work: Work, type: Segment['type'], asked: number): number {
  const max = maxMtu({ type }, work.settings);
  if (asked > max) throw invalidInput(`Requested MTU is too big, maximum is ${max}`);
  return asked === 0 ? max : asked;
}

/** Throws `notFound` for a zone there is none of. */
export function checkZones(work: Work, hints: readonly string[]): void {
  const unknown = hints.find((zone) => zone !== work.settings.availability_zone);
  if (unknown !== undefined) throw availabilityZoneNotFound(unknown);
}

/** Throws `conflict` when an external network other than this one is the default already. */
export async function requireNoOtherDefault(work: Work, id: string): Promise<void> {
  const other = await otherDefaultNetwork(work.db, id);
  if (other !== undefined) throw defaultExternalNetworkExists(other);
}
