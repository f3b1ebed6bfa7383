import { conflict } from '#kit/errors/cloud-error.ts';

import type { Compute } from '../service.ts';
import { serverNotFound } from './find.ts';
import type { Server } from './server.ts';

/**
 * Changes one field of a server from what it is now, again when somebody else changed it in between. `edit` answers the new
 * value, or undefined to leave it; it may throw to refuse. Answers the value the field has afterwards.
 */
export async function editServer<Field extends 'metadata' | 'tags' | 'interfaces' | 'systemMetadata'>(
  service: Compute,
  server: Server,
  field: Field,
  edit: (value: Server[Field]) => Server[Field] | undefined,
): Promise<Server[Field]> {
  let current = server;
  for (let tries = 0; tries < 20; tries++) {
    const before = current[field];
    const after = edit(before);
    if (after === undefined) return before;
    const changed = { [field]: after } as Pick<Server, Field>;
    const expected = { [field]: before, deletedAt: null } as unknown as Partial<Server>;
    if (await service.servers.update(server.id, changed, expected)) return after;
    const found = await service.servers.find(server.id);
    if (!found) throw serverNotFound(server.id);
    current = found;
  }
  throw conflict(`Instance ${server.id} is being changed by others. Please try again.`);
}
