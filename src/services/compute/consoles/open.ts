import { callAgent } from '#contracts/agent.ts';
import { badRequest, conflict, isKind } from '#kit/errors/cloud-error.ts';

import { hostOf } from '../operations/progress.ts';
import { serverNotFound } from '../servers/find.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import type { ConsoleKind } from './store.ts';

/** The consoles there are, by the protocol asked for. Spice, RDP and MKS are never enabled here. */
const kinds: Readonly<Record<string, { kind: ConsoleKind; type: string }>> = {
  vnc: { kind: 'vnc', type: 'novnc' },
  serial: { kind: 'serial', type: 'serial' },
};

/**
 * Opens a console: makes a token for it and answers the URL to use it at. Throws `badRequest` for consoles there are
 * none of, `conflict` while the server has no host or is going away.
 */
export async function openConsole(
  service: Compute,
  server: Server,
  protocol: string,
  type: string,
): Promise<string> {
  const host = hostOf(server);
  if (server.taskState === 'deleting') {
    throw conflict(
      `Cannot 'get_${protocol}_console' instance ${server.id} while it is in task_state ${server.taskState}`,
    );
  }
  const known = kinds[protocol];
  if (!known) throw badRequest(`Unavailable console type ${protocol === 'rdp' ? protocol : type}.`);
  if (type !== known.type) throw badRequest(`Invalid console type ${type}`);
  await requireConsole(service, server, host, known.kind);
  const lifetimeMs = service.parts.options.console_token_ttl * 1000;
  const token = await service.consoleTokens.issue(
    { serverId: server.id, host, kind: known.kind },
    lifetimeMs,
  );
  return urlOf(service.parts.consoleUrl, known.kind, token);
}

async function requireConsole(
  service: Compute,
  server: Server,
  host: string,
  kind: ConsoleKind,
): Promise<void> {
  try {
    await callAgent(service.parts.bus, host, 'guest.console', { id: server.id, kind });
  } catch (error) {
    if (!isKind(error, 'notFound')) throw error;
    throw server.vmState === 'building'
      ? conflict(`Instance ${server.id} is not ready`)
      : serverNotFound(server.id);
  }
}

/** noVNC takes the token within the path of its web socket; a serial console is the web socket itself. */
const urlOf = (base: string, kind: ConsoleKind, token: string): string =>
  kind === 'vnc'
    ? `${base}/vnc_lite.html?path=${encodeURIComponent(`?token=${token}`)}`
    : `${base.replace(/^http/, 'ws')}/?token=${token}`;
