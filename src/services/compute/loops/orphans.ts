import { callAgent } from '#contracts/agent.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { subjectOf } from '../operations/begin.ts';
import { dropInterfaces } from '../operations/interfaces.ts';
import { migrationConsumerOf } from '../server-actions/migration-consumer.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { audit, type Finding } from './audit.ts';

const everyMs = 60_000;

/**
 * Removes what was left without an owner, e.g. by a host that was down when its server was deleted, and puts servers in
 * error that nobody is at work on any more. Only what is found twice in a row goes: what was being made while the first
 * round looked has its owner in the second.
 */
export class OrphanLoop implements Loop {
  readonly name = 'compute.orphans';
  readonly everyMs = everyMs;
  readonly #service: Compute;
  #suspects = new Set<string>();
  /** Consumers that turned out to be somebody else's. */
  readonly #foreign = new Set<string>();

  constructor(service: Compute) {
    this.#service = service;
  }

  async run(): Promise<void> {
    const findings = await audit(this.#service);
    for (const finding of findings.filter(({ text }) => this.#suspects.has(text))) {
      await this.#remove(finding).catch((error: unknown) =>
        this.#service.parts.log.warn({ err: error }, `${finding.text}: ${messageOf(error)}`),
      );
    }
    this.#suspects = new Set(findings.map(({ text }) => text));
  }

  async #remove({ kind, id, trace, text }: Finding): Promise<void> {
    const { log, bus, placement } = this.#service.parts;
    if (trace) {
      log.warn(trace, `removing: ${text}`);
      await callAgent(bus, trace.host, 'audit.remove', { name: trace.name });
    } else if (kind === 'port') {
      const server = await this.#deletedOwner(id!);
      if (!server) return;
      log.warn({ port: id }, `removing: ${text}`);
      const made = server.interfaces.find((nic) => nic.portId === id)?.made ?? true;
      await dropInterfaces(this.#service, server.id, [{ portId: id!, made }]);
    } else if (kind === 'allocation' && (await this.#wasOurs(id!))) {
      log.warn({ consumer: id }, `removing: ${text}`);
      await placement.release(id!);
    } else if (kind === 'server') {
      log.warn({ server: id }, `giving up: ${text}`);
      await this.#giveUp(id!);
    }
  }

  /** A server in the middle of an operation that nobody will end is in error: it can be deleted or rebuilt. */
  async #giveUp(id: string): Promise<void> {
    const { servers, parts } = this.#service;
    const server = await servers.find(id);
    // something may have been begun with it since it was looked at
    if (!server || (await parts.sagas.active(subjectOf(id))).length > 0) return;
    const { operation, vmState, taskState } = server;
    const message = `An operation on instance ${id} ended halfway.`;
    const fault = { code: 500, message, details: null, createdAt: parts.clock.now() };
    const seen = { operation, vmState, taskState, deletedAt: null };
    await servers.update(id, { vmState: 'error', taskState: null, fault }, seen);
  }

  /** The deleted server a port names; a port that names no server of ours is somebody else's doing. */
  async #deletedOwner(portId: string): Promise<Server | undefined> {
    const port = await this.#service.parts.network.port(portId);
    const server = await this.#service.servers.find(port.deviceId, { deleted: true });
    return server?.deletedAt === null ? undefined : server;
  }

  /** Whether a consumer was a server, or its resize: callers of Placement may have consumers of their own. */
  async #wasOurs(consumer: string): Promise<boolean> {
    if (this.#foreign.has(consumer)) return false;
    const { servers } = this.#service;
    if (await servers.find(consumer, { deleted: true })) return true;
    const all = await servers.ids({ deleted: 'too' });
    if (all.some((id) => migrationConsumerOf(id) === consumer)) return true;
    this.#foreign.add(consumer);
    return false;
  }
}
