import type { Bus, CallOptions } from '#kit/bus/bus.ts';

import type {
  Diagnostics,
  GuestHardware,
  GuestImage,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostFacts,
} from './guest.ts';
import type { MetadataAnswer, MetadataNetwork, MetadataRequest } from './metadata.ts';

/** What an agent answers on the bus, at the address {@link agentAddress} of its host. All of it is idempotent. */
export interface AgentMethods {
  'guest.list': { args: object; result: GuestState[] };
  'guest.create': { args: { spec: GuestSpec }; result: void };
  'guest.destroy': { args: { id: string; ports: readonly string[] }; result: void };
  'guest.start': { args: { spec: GuestSpec }; result: void };
  'guest.stop': { args: { id: string; timeoutMs: number }; result: void };
  'guest.softReboot': { args: { id: string; timeoutMs: number }; result: { done: boolean } };
  'guest.pause': { args: { id: string }; result: void };
  'guest.unpause': { args: { id: string }; result: void };
  /** Raises an interrupt that the guest cannot mask, upon which it may write a crash dump. */
  'guest.interrupt': { args: { id: string }; result: void };
  'guest.suspend': { args: { id: string }; result: void };
  'guest.resume': { args: { spec: GuestSpec }; result: void };
  'guest.rebuild': { args: { spec: GuestSpec }; result: void };
  'guest.resize': { args: { spec: GuestSpec }; result: void };
  'guest.confirmResize': { args: { id: string }; result: void };
  'guest.revertResize': { args: { spec: GuestSpec }; result: void };
  /** Writes the root disk into the image `imageId` by way of `image.write` and `image.finish`. */
  'guest.snapshot': { args: { id: string; imageId: string }; result: { format: string } };
  'guest.attachInterface': {
    args: { id: string; nic: GuestInterface; model: GuestHardware['vifModel'] };
    result: void;
  };
  'guest.detachInterface': { args: { id: string; portId: string }; result: void };
  /** Fetches an image before a guest needs it. */
  'image.cache': { args: { image: GuestImage }; result: void };
  'guest.consoleLog': { args: { id: string; maxBytes: number }; result: { text: string } };
  /** Where the guest's console can be reached: a unix socket's absolute path. */
  'guest.console': { args: { id: string; kind: 'vnc' | 'serial' }; result: { socket: string } };
  'guest.diagnostics': { args: { id: string }; result: Diagnostics };
  /** Metadata is to be served otherwise than before: the agent asks for `metadata.networks`. */
  'metadata.refresh': { args: object; result: void };
  /** Traces on the host that belong to none of these. */
  'audit.orphans': {
    args: { servers: readonly string[]; ports: readonly string[]; networks: readonly string[] };
    result: string[];
  };
  'audit.remove': { args: { name: string }; result: void };
}

/** What control answers on the bus, at the address `control`. */
export interface ControlMethods {
  /** An agent has started, or has found control again: who it is and what it runs. */
  'agent.hello': { args: AgentHello; result: { heartbeatMs: number } };
  'agent.heartbeat': { args: { host: string; facts: HostFacts }; result: void };
  /** A guest changed state by itself. */
  'guest.changed': { args: { host: string; guest: GuestState }; result: void };
  /** The copy of a guest's disk that was asked for is made, and is being uploaded from now on. */
  'guest.uploading': { args: { host: string; id: string }; result: void };
  /** Everything of Compute's without an owner, in words. */
  'compute.audit': { args: object; result: string[] };
  /** Everything the network engine has without an owner, in words. */
  'network.audit': { args: object; result: string[] };
  'image.read': { args: { id: string; offset: number; length: number }; result: Uint8Array };
  'image.write': { args: { id: string; offset: number; data: Uint8Array }; result: void };
  'image.finish': { args: { id: string; size?: number }; result: void };
  'metadata.get': { args: MetadataRequest; result: MetadataAnswer };
  /** The networks in which the agent on `host` serves metadata now. */
  'metadata.networks': { args: { host: string }; result: MetadataNetwork[] };
}

/**
 * How an agent introduces itself: its host, its version, what the host has, and every guest that runs
 * there.
 */
export interface AgentHello {
  readonly host: string;
  readonly version: string;
  readonly facts: HostFacts;
  readonly guests: readonly GuestState[];
}

/** Where control answers on the bus. */
export const controlAddress = 'control';
/** Where the agent of a host answers on the bus. */
export const agentAddress = (host: string): string => `agent.${host}`;

/** What an agent must provide: a handler for each of {@link AgentMethods}. */
export type AgentHandlers = { [M in keyof AgentMethods]: HandlerOf<AgentMethods[M]> };
/** The same for {@link ControlMethods}. */
export type ControlHandlers = { [M in keyof ControlMethods]: HandlerOf<ControlMethods[M]> };
type HandlerOf<Row extends { args: unknown; result: unknown }> = (
  args: Row['args'],
) => Promise<Row['result']> | Row['result'];

/** Calls an agent. Throws `unavailable` when its host cannot be reached in time. */
export const callAgent = <M extends keyof AgentMethods>(
  bus: Bus,
  host: string,
  method: M,
  args: AgentMethods[M]['args'],
  options?: CallOptions,
): Promise<AgentMethods[M]['result']> => bus.call(agentAddress(host), method, args, options);

/** Tells an agent, which may be away: nothing is certain. */
export const castAgent = <M extends keyof AgentMethods>(
  bus: Bus,
  host: string,
  method: M,
  args: AgentMethods[M]['args'],
): Promise<void> => bus.cast(agentAddress(host), method, args);

/** Tells control, which may be away: nothing is certain. */
export const castControl = <M extends keyof ControlMethods>(
  bus: Bus,
  method: M,
  args: ControlMethods[M]['args'],
): Promise<void> => bus.cast(controlAddress, method, args);

/** Calls control, from an agent. */
export const callControl = <M extends keyof ControlMethods>(
  bus: Bus,
  method: M,
  args: ControlMethods[M]['args'],
  options?: CallOptions,
): Promise<ControlMethods[M]['result']> => bus.call(controlAddress, method, args, options);
