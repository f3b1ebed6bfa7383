import { callControl } from '#contracts/agent.ts';
import type { GuestState, HostFacts } from '#contracts/guest.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

/** What {@link ControlLink} tells control about. */
export interface ControlLinkParts {
  readonly bus: Bus;
  readonly host: string;
  readonly version: string;
  readonly facts: () => Promise<HostFacts>;
  readonly guests: () => Promise<readonly GuestState[]>;
  readonly log: Logger;
}

const callTimeoutMs = 10_000;
const firstRetryMs = 250;
const lastRetryMs = 5000;
const watchMs = 500;

/**
 * Keeps control informed: a hello with everything on start and whenever control was out of reach, heartbeats in
 * between, and each guest's own changes at once. Nothing is queued while control is away: the next hello tells it all.
 */
export class ControlLink {
  readonly #parts: ControlLinkParts;
  readonly #changes = new Map<string, GuestState>();
  #greeted = false;
  #telling = false;
  #heartbeatMs = 10_000;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #beat: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: ControlLinkParts) {
    this.#parts = parts;
  }

  /** Says hello, and again until somebody answers. Resolves after the first attempt. */
  start(): Promise<void> {
    let connected = this.#parts.bus.connected;
    this.#watch = setInterval(() => {
      const was = connected;
      connected = this.#parts.bus.connected;
      if (was && !connected) this.#greeted = false;
      if (!was && connected) void this.#beatNow();
    }, watchMs).unref();
    return this.#beatNow();
  }

  /** Tells of a guest that changed state by itself. */
  guestChanged(guest: GuestState): void {
    this.#changes.set(guest.id, guest);
    if (!this.#telling) void this.#tell();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    await this.#beat;
  }

  #beatNow(): Promise<void> {
    return (this.#beat ??= this.#round().finally(() => {
      this.#beat = undefined;
    }));
  }

  /** One hello or heartbeat, and an appointment for the next. */
  async #round(): Promise<void> {
    clearTimeout(this.#timer);
    let next: number;
    try {
      await (this.#greeted ? this.#heartbeat() : this.#hello());
      this.#retryMs = firstRetryMs;
      next = this.#heartbeatMs;
    } catch (error) {
      this.#parts.log.debug({ err: error }, `control is out of reach: ${messageOf(error)}`);
      this.#greeted = false;
      next = this.#retryMs;
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#beatNow(), next).unref();
  }

  async #hello(): Promise<void> {
    const { bus, host, version, facts, guests, log } = this.#parts;
    // marked first: a change from here on is told beside the hello, not lost behind it
    this.#greeted = true;
    const answer = await callControl(
      bus,
      'agent.hello',
      { host, version, facts: await facts(), guests: await guests() },
      { timeoutMs: callTimeoutMs },
    );
    this.#heartbeatMs = answer.heartbeatMs;
    log.info({ host, heartbeatMs: answer.heartbeatMs }, 'control knows this host');
  }

  async #heartbeat(): Promise<void> {
    const { bus, host, facts } = this.#parts;
    await callControl(bus, 'agent.heartbeat', { host, facts: await facts() }, { timeoutMs: callTimeoutMs });
  }

  async #tell(): Promise<void> {
    const { bus, host, log } = this.#parts;
    this.#telling = true;
    try {
      for (const [id, guest] of this.#changes) {
        this.#changes.delete(id);
        if (!this.#greeted) continue;
        await callControl(bus, 'guest.changed', { host, guest }, { timeoutMs: callTimeoutMs });
      }
    } catch (error) {
      log.warn({ err: error }, `a guest's change was not heard: ${messageOf(error)}`);
      this.#changes.clear();
      this.#greeted = false;
      void this.#beatNow();
    } finally {
      this.#telling = false;
    }
  }
}
