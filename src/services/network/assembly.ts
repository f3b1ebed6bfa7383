import type { ControlHandlers } from '#contracts/agent.ts';
import type { NetworkContract } from '#contracts/network.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { networkContract } from './contract.ts';
import { metadataNetworks } from './metadata.ts';
import { auditEngine } from './outbox/audit.ts';
import { Network, type NetworkParts } from './service.ts';

/** How often everything is compared with the engine, and how often what waits is tried again, in milliseconds. */
const convergeEveryMs = 60_000;
const drainEveryMs = 5_000;

/** Network put together. */
export interface AssembledNetwork {
  readonly service: Network;
  readonly contract: NetworkContract;
  readonly loops: readonly Loop[];
  /** What agents and the command line may call. */
  readonly busHandlers: Partial<ControlHandlers>;
}

/** Makes Network with its loops and what others may ask of it. */
export function assembleNetwork(parts: NetworkParts): AssembledNetwork {
  const service = new Network(parts);
  return {
    service,
    contract: networkContract(service),
    loops: [
      { name: 'network.outbox', everyMs: drainEveryMs, run: () => service.drain() },
      { name: 'network.convergence', everyMs: convergeEveryMs, run: () => service.converge() },
    ],
    busHandlers: {
      'metadata.networks': ({ host }) => metadataNetworks(service.db, host),
      'network.audit': () => auditEngine(service.db, service.driver),
    },
  };
}
