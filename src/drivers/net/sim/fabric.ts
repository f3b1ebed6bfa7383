import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { unavailable } from '#kit/errors/cloud-error.ts';

import type { Change, NetAgent, PortStatus, WantedPort } from '../driver.ts';

type Kind = Change['kind'];
type RowOf<K extends Kind> = NonNullable<Extract<Change, { kind: K }>['wanted']>;
type StatusListener = (status: PortStatus) => void;

/**
 * The network that is pretended: what an engine would hold, and what is plugged into it on which host. Both halves of the
 * driver share one. A port is up when its host has plugged it; a host nobody simulates is taken to plug at once.
 */
export class SimFabric {
  readonly #rows: Record<Kind, Map<string, NonNullable<Change['wanted']>>> = {
    network: new Map(),
    port: new Map(),
    securityGroup: new Map(),
    router: new Map(),
  };
  readonly #plugged = new Map<string, Set<string>>();
  readonly #up = new Map<string, boolean>();
  readonly #listeners: StatusListener[] = [];
  readonly #refused = new Set<string>();
  #reachable = true;

  /** Whether the engine answers. */
  get reachable(): boolean {
    return this.#reachable;
  }

  /** Lets the engine be out of reach, or back, for tests. What is plugged meanwhile counts. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
  }

  /** Lets the engine refuse a resource, or take it again, for tests. */
  setRefused(id: string, refused: boolean): void {
    if (refused) this.#refused.add(id);
    else this.#refused.delete(id);
  }

  /** Does one thing more or less behind everybody's back, as an operator with the engine's own tools would. For tests. */
  tamper(kind: Kind, id: string, row: NonNullable<Change['wanted']> | null): void {
    if (row) this.#rows[kind].set(id, row);
    else this.#rows[kind].delete(id);
  }

  /** Makes changes so. Throws `unavailable` when the engine is out of reach: then none is made. */
  apply(changes: readonly Change[]): void {
    this.#requireReachable();
    const refused = changes.find((change) => this.#refused.has(change.id));
    if (refused) throw new Error(`the simulated network engine refuses ${refused.kind} ${refused.id}`);
    for (const { kind, id, wanted } of changes) {
      if (wanted) this.#rows[kind].set(id, wanted);
      else this.#rows[kind].delete(id);
      if (kind === 'port') this.#look(id);
    }
  }

  ids(kind: Kind): string[] {
    this.#requireReachable();
    return [...this.#rows[kind].keys()];
  }

  /** The row of a resource, undefined when there is none. */
  row<K extends Kind>(kind: K, id: string): RowOf<K> | undefined {
    return this.#rows[kind].get(id) as RowOf<K> | undefined;
  }

  differs({ kind, id, wanted }: Change): boolean {
    this.#requireReachable();
    return !isDeepStrictEqual(this.#rows[kind].get(id) ?? null, wanted);
  }

  listen(listener: StatusListener): void {
    this.#listeners.push(listener);
    for (const portId of this.#up.keys()) listener(this.statusOf(portId)!);
  }

  /** What listeners were told of a port last. */
  statusOf(portId: string): PortStatus | undefined {
    const up = this.#up.get(portId);
    return up === undefined ? undefined : { portId, up, host: this.#hostOf(portId) };
  }

  /** Makes a host known; from now on its ports are up only once plugged. */
  addHost(host: string): void {
    if (!this.#plugged.has(host)) this.#plugged.set(host, new Set());
  }

  removeHost(host: string): void {
    this.#plugged.delete(host);
  }

  plug(host: string, portId: string): void {
    this.addHost(host);
    this.#plugged.get(host)!.add(portId);
    this.#look(portId);
  }

  unplug(host: string, portId: string): void {
    this.#plugged.get(host)?.delete(portId);
    this.#look(portId);
  }

  pluggedOn(host: string): string[] {
    return [...(this.#plugged.get(host) ?? [])];
  }

  /** The simulated hosts as the network layer shows them. */
  agents(now: number): NetAgent[] {
    return [...this.#plugged.keys()].map((host) => ({
      id: uuidOf(host),
      host,
      alive: this.#reachable,
      lastSeen: now,
      physicalNetworks: ['public'],
      gateway: true,
    }));
  }

  /** Tells listeners of a port whose wiring changed, and of one that is new. */
  #look(portId: string): void {
    const port = this.row('port', portId);
    if (!port) {
      if (this.#up.delete(portId)) this.#tell(portId, false, null);
      return;
    }
    const up = this.#isUp(port);
    if (this.#up.get(portId) === up) return;
    this.#up.set(portId, up);
    this.#tell(portId, up, up ? port.host : null);
  }

  #isUp(port: WantedPort): boolean {
    if (port.kind !== 'plain' || port.host === '' || !port.adminStateUp) return false;
    const plugged = this.#plugged.get(port.host);
    return plugged === undefined || plugged.has(port.id);
  }

  #hostOf(portId: string): string | null {
    return this.#up.get(portId) ? (this.row('port', portId)?.host ?? null) : null;
  }

  #tell(portId: string, up: boolean, host: string | null): void {
    for (const listener of this.#listeners) listener({ portId, up, host });
  }

  #requireReachable(): void {
    if (!this.#reachable) throw unavailable('the simulated network engine is out of reach');
  }
}

/** The same UUID for the same name, always. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
