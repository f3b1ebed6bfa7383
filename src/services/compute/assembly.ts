import type { ControlHandlers } from '#contracts/agent.ts';
import type { ComputeContract } from '#contracts/compute.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { serverHandlers } from './bus-handlers.ts';
import type { ConsoleProxy } from './consoles/proxy.ts';
import { consoleTokenLoop, startConsoleProxy } from './consoles/start.ts';
import { computeContract } from './contract.ts';
import { serverLoops } from './loops/loops.ts';
import { PowerStates } from './loops/power-states.ts';
import { registerSagas } from './sagas.ts';
import { watchPorts } from './server-external-events/vif-deleted.ts';
import { Compute, type ComputeParts } from './service.ts';

/** Compute put together. */
export interface AssembledCompute {
  readonly service: Compute;
  readonly contract: ComputeContract;
  readonly loops: readonly Loop[];
  /** What agents may call. */
  readonly busHandlers: Partial<ControlHandlers>;
  /** Makes this process's own services known. Called once, before the API is served. */
  begin(): Promise<void>;
  /** Starts the proxy that brings consoles to browsers. Port 0 takes any free one. */
  startConsoleProxy(address: { host: string; port: number }): Promise<ConsoleProxy>;
}

/** Makes Compute with its sagas, its loops and what others may ask of it. */
export function assembleCompute(parts: ComputeParts): AssembledCompute {
  const service = new Compute(parts);
  const { registry, consoleTokens } = service;
  registerSagas(parts.sagas, service);
  const powerStates = new PowerStates(service);
  registry.onHello(({ host }) => powerStates.hostSaidHello(host));
  service.onDoubt((serverId) => powerStates.lookSoon(serverId));
  return {
    service,
    contract: computeContract(service),
    loops: [registry.loop, consoleTokenLoop(consoleTokens), ...serverLoops(service, powerStates)],
    busHandlers: { ...registry.busHandlers, ...serverHandlers(service, powerStates) },
    async begin() {
      await registry.begin();
      watchPorts(service);
    },
    startConsoleProxy: (address) => startConsoleProxy(service, address),
  };
}
