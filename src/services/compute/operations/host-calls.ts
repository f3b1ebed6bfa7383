import { setTimeout as sleep } from 'node:timers/promises';

import { type AgentMethods, callAgent } from '#contracts/agent.ts';
import { isKind, unavailable } from '#kit/errors/cloud-error.ts';

import type { Compute } from '../service.ts';

/** How long a host is waited for. */
export interface HostCallOptions {
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Ends the waiting. What the agent is at goes on: whoever cancels it tells the agent what is to be instead. */
  readonly signal?: AbortSignal;
  /** How long an agent that does not answer is waited for, in milliseconds; a host that is down is not waited for. */
  readonly patienceMs?: number;
}

const defaultPatienceMs = 60_000;

/** Longest time making, rebuilding or starting a guest may take: it may have to fetch its image first. */
export const slowMs = 30 * 60_000;

/**
 * Calls the agent of a host, again and again while it is restarting. Throws `unavailable` when the host is down or
 * patience ends, otherwise what the agent answered.
 */
export async function callHost<M extends keyof AgentMethods>(
  service: Compute,
  host: string,
  method: M,
  args: AgentMethods[M]['args'],
  options: HostCallOptions = {},
): Promise<AgentMethods[M]['result']> {
  const { timeoutMs, signal, patienceMs = defaultPatienceMs } = options;
  const giveUpAt = performance.now() + patienceMs;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
    try {
      const answer = callAgent(service.parts.bus, host, method, args, timeoutMs ? { timeoutMs } : {});
      return await (signal ? unlessAborted(answer, signal) : answer);
    } catch (error) {
      if (!isKind(error, 'unavailable') || signal?.aborted || performance.now() + wait > giveUpAt)
        throw error;
      if (!(await hostIsExpected(service, host)))
        throw unavailable(`Host ${host} is down.`, undefined, error);
    }
    await sleep(wait, undefined, signal ? { signal } : {}).catch(() => {});
  }
}

/** Waits for an answer; throws the signal's reason when that comes first. */
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Whether the agent of a host is alive. */
export async function hostIsUp(service: Compute, name: string): Promise<boolean> {
  const host = await service.hosts.find(name);
  return host !== undefined && service.hosts.isUp(host);
}

/** Whether the agent of a host is alive or should be again in a moment: then calls to it wait. */
export async function hostIsExpected(service: Compute, name: string): Promise<boolean> {
  const host = await service.hosts.find(name);
  return host !== undefined && service.hosts.isExpected(host);
}
