import { hostname } from 'node:os';

import { type AgentHello, agentAddress, type ControlHandlers } from '#contracts/agent.ts';
import type { HostFacts } from '#contracts/guest.ts';
import type { PlacementContract } from '#contracts/placement.ts';
import { type Bus, goneTopic } from '#kit/bus/bus.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import type { Loop } from '#kit/loop/loops.ts';

import type { AggregateStore } from '../aggregates/store.ts';
import type { Presence } from '../compute-services/presence.ts';
import type { Service, ServiceStore } from '../compute-services/store.ts';
import type { computeOptions } from '../options.ts';
import { providerOf } from './inventory.ts';
import type { Host, HostStore } from './store.ts';

/** What {@link HostRegistry} works with. */
export interface HostRegistryParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly options: Values<typeof computeOptions>;
  readonly placement: PlacementContract;
  readonly presence: Presence;
  readonly services: ServiceStore;
  readonly hosts: HostStore;
  readonly aggregates: AggregateStore;
}

/** What is known here of a host whose agent speaks to this process. */
interface Known {
  readonly host: Host;
  facts: HostFacts;
  /** What Placement was told last, as text. */
  told: string;
  /** Whether it was heard of, with these facts, since the last writing. */
  fresh: boolean;
}

const writeEveryMs = 10_000;
/** The services a control process counts as. */
const controlBinaries = ['nova-conductor', 'nova-scheduler'];

/**
 * Hears the agents: who they are, that they live, what their hosts have. Keeps Placement informed of each host and writes
 * down seldom what it hears often.
 */
export class HostRegistry {
  readonly #parts: HostRegistryParts;
  readonly #known = new Map<string, Known>();
  readonly #listeners: ((hello: AgentHello, host: Host) => Promise<void> | void)[] = [];
  #own: readonly Service[] = [];

  /** What agents call. */
  readonly busHandlers: Pick<ControlHandlers, 'agent.hello' | 'agent.heartbeat'> = {
    'agent.hello': (args) => this.#hello(args),
    'agent.heartbeat': ({ host, facts }) => this.#heartbeat(host, facts),
  };

  /** Writes down who was heard of. */
  readonly loop: Loop = {
    name: 'compute.heartbeats',
    everyMs: writeEveryMs,
    run: () => this.#write(),
  };

  constructor(parts: HostRegistryParts) {
    this.#parts = parts;
  }

  /** Makes this control process's own services known, and listens for agents that go away. */
  async begin(): Promise<void> {
    const { services, presence, clock, bus } = this.#parts;
    const own: Service[] = [];
    for (const binary of controlBinaries) own.push(await services.ensure(hostname(), binary, clock.now()));
    this.#own = own;
    const controls = await services.list({ binary: controlBinaries[0]! });
    presence.begin(Math.max(...controls.map((control) => control.lastSeenAt)));
    // written down together with the first agents: else a control that dies early would make them look silent
    for (const service of own) presence.heard(service.id);
    await bus.subscribe(goneTopic, ({ address }: { address: string }) => this.#gone(address));
  }

  /** Tells `listener` of every hello, after the host is known and Placement has it. An agent waits for it. */
  onHello(listener: (hello: AgentHello, host: Host) => Promise<void> | void): void {
    this.#listeners.push(listener);
  }

  /** Tells Placement of a host again, after an operator disabled or enabled it. */
  async refresh(name: string): Promise<void> {
    const host = await this.#parts.hosts.find(name);
    if (host) await this.#tellPlacement(host, this.#known.get(name)?.facts ?? host.facts);
  }

  /** Tells Placement which aggregates a host is in. */
  async mirrorAggregates(host: Host): Promise<void> {
    const { aggregates, placement } = this.#parts;
    const memberOf = (await aggregates.all()).filter((a) => a.hosts.includes(host.name));
    await placement.setAggregates(
      host.uuid,
      memberOf.map((a) => a.uuid),
    );
  }

  /** Forgets a host whose service was deleted. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #hello(hello: AgentHello): Promise<{ heartbeatMs: number }> {
    const { services, hosts, presence, clock, options } = this.#parts;
    const service = await services.ensure(hello.host, 'nova-compute', clock.now());
    const host = await hosts.ensure(service, hello.version, hello.facts, clock.now());
    await hosts.greeted(hello.host, hello.version, hello.facts);
    await this.#tellPlacement(host, hello.facts);
    await this.mirrorAggregates(host);
    presence.heard(service.id);
    this.#remember(host, hello.facts);
    for (const listener of this.#listeners) await listener(hello, host);
    return { heartbeatMs: options.heartbeat_interval * 1000 };
  }

  async #heartbeat(name: string, facts: HostFacts): Promise<void> {
    const known = this.#known.get(name);
    // an agent that is told so says hello again
    if (!known) throw notFound(`Host ${name} is not known here.`);
    this.#parts.presence.heard(known.host.service.id);
    this.#remember(known.host, facts);
    if (known.told !== toldOf(facts)) await this.refresh(name);
  }

  #remember(host: Host, facts: HostFacts): void {
    const known = this.#known.get(host.name);
    this.#known.set(host.name, { host, facts, told: known?.told ?? toldOf(facts), fresh: true });
  }

  async #tellPlacement(host: Host, facts: HostFacts): Promise<void> {
    await this.#parts.placement.reportHost(providerOf(host, facts, this.#parts.options));
    const known = this.#known.get(host.name);
    if (known) known.told = toldOf(facts);
  }

  #gone(address: string): void {
    for (const { host } of this.#known.values())
      if (agentAddress(host.name) === address) this.#parts.presence.lost(host.service.id);
  }

  async #write(): Promise<void> {
    const { services, hosts, presence, clock } = this.#parts;
    for (const service of this.#own) presence.heard(service.id);
    const fresh = [...this.#known.values()].filter((k) => k.fresh);
    for (const known of fresh) known.fresh = false;
    await services.touch(
      [...this.#own, ...fresh.map((k) => k.host.service)].map((s) => s.id),
      clock.now(),
    );
    await hosts.report(fresh.map((k) => ({ name: k.host.name, facts: k.facts })));
  }
}

/** What of a host's facts matters to Placement. */
const toldOf = (facts: HostFacts): string =>
  JSON.stringify([facts.vcpus, facts.memoryMb, facts.diskGb, facts.traits]);
