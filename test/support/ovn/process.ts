/**
 * A process of the OVN lab, inside the lab's network namespace: the supervisor of the network engine's daemons, or an
 * agent with a hypervisor's half of the driver. It does what its parent asks over IPC.
 */
import { join } from 'node:path';

import type { MetadataNetwork } from '#contracts/metadata.ts';
import { type EngineParts, networkEngine } from '#drivers/net/ovn/engine.ts';
import { OvnHost } from '#drivers/net/ovn/host.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import { openLog, silentLog } from '#kit/log/log.ts';
import { Supervisor } from '#kit/process/supervisor.ts';

import type { LabSetup } from './lab.ts';

type Methods = Record<string, (...args: never[]) => unknown>;

const { role, setup } = JSON.parse(process.argv[2]!) as { role: 'supervisor' | 'agent'; setup: LabSetup };
const methods = role === 'supervisor' ? await supervisor() : agent();
process.on('message', (message: { id: number; method: string; args: never[] }) => void answer(message));
// a test that ends without tidying up takes its daemons along
process.on('disconnect', () => void Promise.resolve(methods.stop?.()).finally(() => process.exit(0)));
process.send!({ ready: true });

async function answer({ id, method, args }: { id: number; method: string; args: never[] }): Promise<void> {
  try {
    process.send!({ id, result: await methods[method]!(...args) });
  } catch (error) {
    process.send!({ id, error: messageOf(error) });
  }
}

async function supervisor(): Promise<Methods> {
  const engine = await networkEngine(setup.engine);
  const running = new Supervisor({
    children: engine.children,
    stateFile: join(setup.engine.directory, 'processes.json'),
    log: openLog({ name: 'supervisor', level: 'info', file: join(setup.engine.logs, 'supervisor.log') }),
  });
  return {
    start: async () => {
      await running.start();
      return { northbound: engine.northbound, southbound: engine.southbound, switch: engine.switch };
    },
    state: () => running.state,
    engine: async (parts: EngineParts) => {
      const { children, northbound, southbound, switch: conf } = await networkEngine(parts);
      return { children: children.map(({ name }) => name), northbound, southbound, switch: conf };
    },
    stop: () => running.stop(),
  };
}

function agent(): Methods {
  const host = new OvnHost({ switch: setup.switch, log: silentLog() });
  return {
    plug: (port: Parameters<OvnHost['plug']>[0]) => host.plug(port),
    unplug: (id: string) => host.unplug(id),
    plugged: () => host.plugged(),
    orphans: (known: Parameters<OvnHost['orphans']>[0]) => host.orphans(known),
    removeOrphan: (name: string) => host.removeOrphan(name),
    // guests are told what the agent knows of them
    serveMetadata: (networks: MetadataNetwork[]) =>
      host.serveMetadata(networks, async (request) => ({
        status: 200,
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify(request)),
      })),
    close: () => host.close(),
  };
}
