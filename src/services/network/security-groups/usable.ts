import { conflict } from '#kit/errors/cloud-error.ts';

import { securityGroupNotFound } from '../errors.ts';
import { isNetworkDevice } from '../ports/owners.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Work } from '../work.ts';
import { ensureDefaultGroup } from './create.ts';
import { bareGroups, groupsOfProject } from './store.ts';

/** For which port groups are wanted. */
export interface Wearer {
  readonly projectId: string;
  readonly deviceOwner?: string;
  readonly securityGroups?: readonly string[] | undefined;
}

/**
 * The groups a port is to be in: those named, else its project's default; none for the network's own devices. Throws
 * `securityGroupNotFound` for one neither the project's nor shared with it, and `conflict` (`SecurityGroupConflict`)
 * when stateful and stateless ones are mixed.
 */
export async function usableGroups(work: Work, port: Wearer, viewer: Viewer): Promise<readonly string[]> {
  if (isNetworkDevice(port.deviceOwner ?? '')) return [];
  if (port.securityGroups === undefined)
    return port.projectId === '' ? [] : [await ensureDefaultGroup(work, port.projectId)];
  const wanted = [...new Set(port.securityGroups)];
  if (wanted.length === 0) return [];
  const found = viewer.admin
    ? await bareGroups(work.db, wanted)
    : await groupsOfProject(work.db, wanted, port.projectId);
  const known = new Set(found.map((group) => group.id));
  const missing = wanted.filter((id) => !known.has(id));
  if (missing.length > 0) throw securityGroupNotFound(missing.join(', '));
  if (new Set(found.map((group) => group.stateful)).size > 1) {
    throw conflict(
      'Error Cannot apply both stateful and stateless security groups on the same port at the same time while attempting the operation.',
      { type: 'SecurityGroupConflict' },
    );
  }
  return wanted;
}
