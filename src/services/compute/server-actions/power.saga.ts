import type { PowerState } from '#contracts/guest.ts';
import { isKind } from '#kit/errors/cloud-error.ts';
import { type Saga, saga, type StepContext, type UndoContext } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { cancelOthers } from '../operations/cancel-others.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { complete, currentServer, fail, hostOf, noteEnd } from '../operations/progress.ts';
import { powerStates, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';

type Context = StepContext<Compute, OperationInput, object>;
type Undone = UndoContext<Compute, OperationInput, object>;

/** What the server is once its guest is as asked. */
const active = { vmState: 'active', powerState: powerStates.running } as const;

/** An operation that asks one thing of the agent. When that fails the server is what it was, with a fault. */
function guestOperation(
  name: `${string}@${number}`,
  step: string,
  work: (service: Compute, server: Server, host: string, context: Context) => Promise<void>,
  done: Partial<Server>,
  failed: (context: Undone) => Promise<void> = fail,
): Saga<Compute, OperationInput> {
  return saga<Compute, OperationInput>(name)
    .step(step, {
      do: async (context) => {
        const server = await currentServer(context);
        await work(context.deps, server, hostOf(server), context);
        await complete(context, done);
      },
      undo: (context) => failed(context),
    })
    .build();
}

/** Boots the guest from its own disks, which may take as long as fetching a missing image does. */
export const startSaga = guestOperation(
  'compute.server.start@1',
  'start',
  async (service, server, host, { signal }) => {
    const spec = await guestSpecOf(service, server);
    await callHost(service, host, 'guest.start', { spec }, { timeoutMs: slowMs, signal });
  },
  active,
);

/**
 * Asks the guest to shut down, and pulls the plug when its time is over (`shutdown_timeout`, or what its image says).
 */
export const stopSaga = guestOperation(
  'compute.server.stop@1',
  'stop',
  (service, server, host, { signal }) => shutDown(service, server, host, signal),
  { vmState: 'stopped', powerState: powerStates.shutdown },
);

/** Freezes the guest in memory: it keeps all it holds of its host. */
export const pauseSaga = guestOperation(
  'compute.server.pause@1',
  'pause',
  (service, { id }, host) => callHost(service, host, 'guest.pause', { id }),
  { vmState: 'paused', powerState: powerStates.paused },
);

/** Lets a frozen guest go on where it was. */
export const unpauseSaga = guestOperation(
  'compute.server.unpause@1',
  'unpause',
  (service, { id }, host) => callHost(service, host, 'guest.unpause', { id }),
  active,
);

/** Writes the guest's memory to disk and ends its process: it holds none of its host's memory until it is resumed. */
export const suspendSaga = guestOperation(
  'compute.server.suspend@1',
  'suspend',
  (service, { id }, host, { signal }) =>
    callHost(service, host, 'guest.suspend', { id }, { timeoutMs: slowMs, signal }),
  { vmState: 'suspended', powerState: powerStates.suspended },
);

/**
 * Brings a suspended guest back with the memory it had; the agent needs the whole spec, having to make its process
 * anew.
 */
export const resumeSaga = guestOperation(
  'compute.server.resume@1',
  'resume',
  async (service, server, host, { signal }) => {
    const spec = await guestSpecOf(service, server);
    await callHost(service, host, 'guest.resume', { spec }, { timeoutMs: slowMs, signal });
  },
  active,
);

/** Asks the guest to reboot and, when it does not, forces it to. */
export const softRebootSaga = guestOperation(
  'compute.server.soft-reboot@1',
  'reboot',
  async (service, server, host, { signal }) => {
    const timeoutMs = service.parts.options.soft_reboot_timeout * 1000;
    const { done } = await callHost(
      service,
      host,
      'guest.softReboot',
      { id: server.id, timeoutMs },
      { timeoutMs: timeoutMs + 30_000, signal },
    );
    if (!done) await powerCycle(service, server, host, signal);
  },
  active,
  failReboot,
);

/** Pulls the plug and boots anew, from nearly any state; a reboot still under way is given up first. */
export const hardRebootSaga = saga<Compute, OperationInput>('compute.server.hard-reboot@1')
  .step('cancelOthers', { do: cancelOthers, undo: failReboot })
  .step('reboot', {
    do: async (context) => {
      const server = await currentServer(context);
      await powerCycle(context.deps, server, hostOf(server), context.signal);
      await complete(context, active);
    },
  })
  .build();

/** A reboot that failed leaves the server in error, unless its guest runs after all or nobody can tell. */
async function failReboot(context: Undone): Promise<void> {
  const server = await context.deps.servers.find(context.input.serverId);
  const power = server?.host ? await powerOf(context.deps, server.id, server.host) : undefined;
  const off = power === 'shutdown' || power === 'crashed' || power === 'none';
  await fail(context, off ? { vmState: 'error', powerState: powerStates.shutdown } : {});
}

/** What a guest is; `none` when its host has none of the name, undefined when the host cannot be asked. */
async function powerOf(service: Compute, id: string, host: string): Promise<PowerState | 'none' | undefined> {
  try {
    const guests = await callHost(service, host, 'guest.list', {}, { patienceMs: 0 });
    return guests.find((guest) => guest.id === id)?.power ?? 'none';
  } catch (error) {
    if (!isKind(error, 'unavailable')) throw error;
    return undefined;
  }
}

/** Interrupts the guest, for it to write a dump of itself if it is made to. */
export const crashDumpSaga = saga<Compute, OperationInput>('compute.server.crash-dump@1')
  .step('interrupt', {
    do: async (step) => {
      const server = await currentServer(step);
      await callHost(step.deps, hostOf(server), 'guest.interrupt', { id: server.id });
      await noteEnd(step);
    },
    undo: (step) => noteEnd(step, 'Error'),
  })
  .build();

/** Lets a guest shut down by itself and pulls the plug when it takes too long. */
export async function shutDown(
  service: Compute,
  { id, image }: Pick<Server, 'id' | 'image'>,
  host: string,
  signal?: AbortSignal,
): Promise<void> {
  const timeoutMs = shutdownSeconds(service, image) * 1000;
  const options = { timeoutMs: timeoutMs + 30_000, ...(signal && { signal }) };
  await callHost(service, host, 'guest.stop', { id, timeoutMs }, options);
}

/** How long a guest is given to shut down: what its image says, else the cloud's own time. */
function shutdownSeconds({ parts }: Compute, { properties }: Server['image']): number {
  const { os_shutdown_timeout: asked = '' } = properties;
  return /^\d{1,6}$/.test(asked) ? Number(asked) : parts.options.shutdown_timeout;
}

async function powerCycle(
  service: Compute,
  server: Server,
  host: string,
  signal: AbortSignal,
): Promise<void> {
  await callHost(service, host, 'guest.stop', { id: server.id, timeoutMs: 0 }, { signal });
  const spec = await guestSpecOf(service, server);
  await callHost(service, host, 'guest.start', { spec }, { timeoutMs: slowMs, signal });
}
