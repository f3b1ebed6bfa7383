import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { engineKind } from './owners.ts';
import { deletePortRow, type PortRow } from './store.ts';

/** Removes a port, as its owner asks. */
export async function removePort(work: Work, port: PortRow): Promise<void> {
  await removePortRows(work, [port]);
}

/** Removes ports with all they hold, whatever they are for. */
export async function removePortRows(
  work: Work,
  ports: readonly Pick<PortRow, 'id' | 'device_id' | 'device_owner'>[],
): Promise<void> {
  await removeTags(
    work.db,
    ports.map((port) => port.id),
  );
  for (const port of ports) {
    await deletePortRow(work.db, port.id);
    if (engineKind(port.device_owner)) work.touch('port', port.id);
    work.deletedPorts.push({ portId: port.id, deviceId: port.device_id });
  }
}
