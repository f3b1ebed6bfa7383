import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { agentAddress } from '#contracts/agent.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import type { VirtDriver } from '#drivers/virt/driver.ts';
import type { GuestUser } from '#drivers/virt/qemu/guest-user.ts';
import type { Bus } from '#kit/bus/bus.ts';
import type { Logger } from '#kit/log/log.ts';
import { Loops } from '#kit/loop/loops.ts';

import { Audit } from './audit.ts';
import { ControlLink } from './control-link.ts';
import { Guests } from './guests.ts';
import { agentHandlers } from './handlers.ts';
import { ImageCache } from './images/cache.ts';
import { MetadataRelay } from './metadata.ts';
import { Snapshots } from './snapshots.ts';
import { Specs } from './specs.ts';

/** What an agent is made of. */
export interface AgentParts {
  readonly bus: Bus;
  /** This hypervisor's name in the cloud. */
  readonly host: string;
  readonly virt: VirtDriver;
  readonly net: NetHost;
  /** Absolute path of the agent's own directory; made when it is not there. */
  readonly directory: string;
  readonly log: Logger;
  readonly version: string;
  /** The account guests run as; left out, guests are simulated or run as whoever runs the agent. */
  readonly guestUser?: GuestUser | undefined;
  /** How long an image nobody uses is kept, in milliseconds. Default a day. */
  readonly imageAgeMs?: number;
}

/** A running agent. */
export interface Agent {
  readonly loops: Loops;
  readonly images: ImageCache;
  /** Stops answering, waits for what is under way and closes the drivers. Guests run on. */
  stop(): Promise<void>;
}

const metadataEveryMs = 60_000;
const expiryEveryMs = 600_000;

/**
 * Starts the process every hypervisor runs: takes the guests it finds in hand, answers control's calls and says hello.
 * The first hello is tried before this resolves, but control need not be there.
 */
export async function startAgent(parts: AgentParts): Promise<Agent> {
  const { bus, host, virt, net, directory, log, version } = parts;
  // guests pass through it to their base images
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const images = await ImageCache.open({
    bus,
    log,
    directory: join(directory, 'images'),
    guestUser: parts.guestUser,
    ageMs: parts.imageAgeMs ?? 24 * 3_600_000,
  });
  const specs = await Specs.open(join(directory, 'specs'));
  const metadata = new MetadataRelay({ bus, host, net, log });
  const guests = new Guests({
    virt,
    net,
    images,
    specs,
    guestUid: parts.guestUser?.uid ?? null,
    plugged: () => void metadata.refresh(),
    log,
  });
  const link = new ControlLink({
    bus,
    host,
    version,
    facts: () => virt.host(),
    guests: () => guests.list(),
    log,
  });
  virt.onChange((guest) => link.guestChanged(guest));
  await guests.adopt();
  const snapshots = new Snapshots({ bus, host, guests, virt });
  const audit = new Audit({ virt, net, specs, metadata });
  const stopServing = await bus.serve(
    agentAddress(host),
    agentHandlers({ guests, snapshots, audit, metadata, images, virt }),
  );
  const loops = new Loops(log);
  loops.add(
    { name: 'agent.metadata', everyMs: metadataEveryMs, run: () => metadata.refresh() },
    { name: 'agent.images', everyMs: expiryEveryMs, run: () => images.expire() },
  );
  await link.start();
  void metadata.refresh();
  loops.start();
  return {
    loops,
    images,
    async stop() {
      await stopServing();
      await loops.stop();
      await link.stop();
      await guests.idle();
      await metadata.stop();
      await virt.close();
      await net.close();
    },
  };
}
