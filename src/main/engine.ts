import { renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

import type { EngineAddresses } from '#contracts/machine.ts';
import { networkEngine } from '#drivers/net/ovn/engine.ts';
import type { ChildSpec } from '#kit/process/supervisor.ts';

import type { Start } from './processes/start.ts';

/**
 * Works out the network engine of this host, says in the data directory where it is reached, and answers the processes
 * it takes, in the order they start.
 */
export async function prepareEngine({ layout, settings }: Start): Promise<readonly ChildSpec[]> {
  const { ovn } = settings.config;
  const engine = await networkEngine({
    directory: layout.ovn,
    logs: layout.log,
    account: settings.account,
    hostname: hostname(),
    bridges: pairs(ovn.bridges),
    addresses: pairs(ovn.bridge_addresses),
    datapath: ovn.datapath === 'auto' ? undefined : ovn.datapath,
    encapAddress: ovn.encap_address,
    remotes:
      ovn.northbound && ovn.southbound
        ? { northbound: ovn.northbound, southbound: ovn.southbound }
        : undefined,
    useHosts: ovn.use_host,
  });
  const { northbound, southbound } = engine;
  const addresses: EngineAddresses = { northbound, southbound, switch: engine.switch };
  writeFileSync(`${layout.engine}.new`, JSON.stringify(addresses));
  renameSync(`${layout.engine}.new`, layout.engine);
  return engine.children;
}

/** `['public:br-ex']` as `{ public: 'br-ex' }`. */
const pairs = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((text) => {
      const colon = text.indexOf(':');
      if (colon < 1) throw new Error(`[ovn] ${JSON.stringify(text)} is not of the form name:value`);
      return [text.slice(0, colon), text.slice(colon + 1)];
    }),
  );
