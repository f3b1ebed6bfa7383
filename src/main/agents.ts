import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { type Agent, startAgent } from '#agent/agent.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import { SimFabric } from '#drivers/net/sim/fabric.ts';
import { SimNetHost } from '#drivers/net/sim/host.ts';
import type { VirtDriver } from '#drivers/virt/driver.ts';
import { findGuestUser, type GuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { SimVirtDriver } from '#drivers/virt/sim/driver.ts';
import { SimHypervisor } from '#drivers/virt/sim/hypervisor.ts';
import type { Bus } from '#kit/bus/bus.ts';

import { readEngine } from './engine-addresses.ts';
import type { Start } from './processes/start.ts';
import { version } from './version.ts';

/** Starts the agent of this host, with the drivers the configuration names. */
export async function startHostAgent(start: Start, bus: Bus): Promise<Agent> {
  const { layout, settings, log } = start;
  const guestUser = findGuestUser(settings.config.qemu.guest_user);
  return startAgent({
    bus,
    host: hostname(),
    virt: await openVirt(start, guestUser),
    net: await openNet(start),
    directory: layout.agent,
    guestUser,
    log,
    version,
  });
}

/** Starts the agents of the simulated hosts `sim-1`, `sim-2` …, which are plugged into one fabric. */
export async function startSimAgents(start: Start, bus: Bus, fabric: SimFabric): Promise<Agent[]> {
  const { layout, settings, log } = start;
  const names = Array.from({ length: settings.config.sim.hosts }, (_, i) => `sim-${i + 1}`);
  return Promise.all(
    names.map((host) => {
      const directory = join(layout.control, 'hosts', host);
      return startAgent({
        bus,
        host,
        virt: new SimVirtDriver(simHypervisor(host, directory)),
        net: new SimNetHost(fabric, host),
        directory,
        log: log.child({ host }),
        version,
      });
    }),
  );
}

async function openVirt(start: Start, guestUser: GuestUser | undefined): Promise<VirtDriver> {
  const { layout, settings, log } = start;
  const { config, account } = settings;
  if (config.drivers.virt === 'sim') return new SimVirtDriver(simHypervisor(hostname(), layout.agent));
  const { QemuDriver } = await import('#drivers/virt/qemu/driver.ts');
  return QemuDriver.open({
    directory: layout.agent,
    guestUser,
    // control passes consoles on
    consoleGid: account?.gid,
    options: config.qemu,
    log,
  });
}

async function openNet({ layout, settings, log }: Start): Promise<NetHost> {
  if (settings.config.drivers.net === 'sim') return new SimNetHost(new SimFabric(), hostname());
  const { OvnHost } = await import('#drivers/net/ovn/host.ts');
  return new OvnHost({ switch: readEngine(layout).switch, log });
}

/** Room for any test: what nothing runs on costs nothing. */
const simSize = { vcpus: 1000, memoryMb: 800_000, diskGb: 600_000 };

/** A simulated machine whose guests outlive the process, as real ones do. */
function simHypervisor(name: string, directory: string): SimHypervisor {
  const guests = join(directory, 'guests');
  mkdirSync(guests, { recursive: true, mode: 0o700 });
  return new SimHypervisor({ ...simSize, name, directory: guests });
}
