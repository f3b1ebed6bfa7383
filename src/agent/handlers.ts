import type { AgentHandlers } from '#contracts/agent.ts';
import type { ImageFiles, VirtDriver } from '#drivers/virt/driver.ts';

import type { Audit } from './audit.ts';
import type { Guests } from './guests.ts';
import type { MetadataRelay } from './metadata.ts';
import type { Snapshots } from './snapshots.ts';

/** What answers control's calls, by method. */
export function agentHandlers(parts: {
  guests: Guests;
  snapshots: Snapshots;
  audit: Audit;
  metadata: MetadataRelay;
  images: ImageFiles;
  virt: VirtDriver;
}): AgentHandlers {
  const { guests, snapshots, audit, metadata, images, virt } = parts;
  return {
    'guest.list': () => guests.list(),
    'guest.create': ({ spec }) => guests.create(spec),
    'guest.destroy': ({ id, ports }) => guests.destroy(id, ports),
    'guest.start': ({ spec }) => guests.start(spec),
    'guest.stop': ({ id, timeoutMs }) => guests.stop(id, timeoutMs),
    'guest.softReboot': async ({ id, timeoutMs }) => ({ done: await guests.softReboot(id, timeoutMs) }),
    'guest.pause': ({ id }) => guests.pause(id),
    'guest.unpause': ({ id }) => guests.unpause(id),
    'guest.interrupt': ({ id }) => guests.interrupt(id),
    'guest.suspend': ({ id }) => guests.suspend(id),
    'guest.resume': ({ spec }) => guests.resume(spec),
    'guest.rebuild': ({ spec }) => guests.rebuild(spec),
    'guest.resize': ({ spec }) => guests.resize(spec),
    'guest.confirmResize': ({ id }) => guests.confirmResize(id),
    'guest.revertResize': ({ spec }) => guests.revertResize(spec),
    'guest.snapshot': ({ id, imageId }) => snapshots.take(id, imageId),
    'guest.attachInterface': ({ id, nic, model }) => guests.attachInterface(id, nic, model),
    'guest.detachInterface': ({ id, portId }) => guests.detachInterface(id, portId),
    'image.cache': async ({ image }) => {
      if (virt.runsOnImages) await images.ensure(image);
    },
    'guest.consoleLog': async ({ id, maxBytes }) => ({ text: await virt.consoleLog(id, maxBytes) }),
    'guest.console': async ({ id, kind }) => ({ socket: await virt.consoleSocket(id, kind) }),
    'guest.diagnostics': ({ id }) => virt.diagnostics(id),
    'metadata.refresh': () => void metadata.refresh(),
    'audit.orphans': (known) => audit.orphans(known),
    'audit.remove': ({ name }) => audit.remove(name),
  };
}
