import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';

import { type CloudClient, until } from '../cloud/client.ts';
import { step, UserError } from '../output.ts';
import { makeFlavors } from './flavors.ts';
import { makeTinyImage } from './image.ts';
import { makeNetworks } from './networks.ts';
import type { DemoParts } from './parts.ts';
import { makeProject } from './project.ts';
import { freeAdminOfQuotas } from './quotas.ts';

/** One part of the demo: made once, through the public APIs. What a user deletes later stays deleted. */
interface Part {
  readonly name: string;
  readonly title: string;
  make(parts: DemoParts): Promise<string>;
}

const parts: readonly Part[] = [
  { name: 'project', title: 'make the demo project', make: makeProject },
  { name: 'quotas', title: 'free the project admin of quotas', make: freeAdminOfQuotas },
  { name: 'flavors', title: 'make the flavors', make: makeFlavors },
  { name: 'image', title: 'upload the tiny image', make: makeTinyImage },
  { name: 'networks', title: 'make the networks', make: makeNetworks },
];

/** Makes what is not there yet of the demo. Running it again after a failure goes on where it stopped. */
export async function provisionDemo(given: DemoParts): Promise<void> {
  const done = partsMade(given.layout);
  for (const part of parts.filter(({ name }) => !done.includes(name))) {
    await step(part.title, () => part.make(given));
    done.push(part.name);
    writeFileSync(recordOf(given.layout), JSON.stringify(done));
  }
}

/** Whether nothing of the demo is left to be made. */
export const isDemoMade = (layout: Layout): boolean =>
  parts.every(({ name }) => partsMade(layout).includes(name));

const recordOf = (layout: Layout): string => join(layout.data, 'demo.json');

const partsMade = (layout: Layout): string[] =>
  existsSync(recordOf(layout)) ? (JSON.parse(readFileSync(recordOf(layout), 'utf8')) as string[]) : [];

/** Waits until a hypervisor has said hello, so that the first server has somewhere to go. */
export async function waitForHypervisor(client: CloudClient): Promise<void> {
  await step('wait for the hypervisor', async () => {
    const host = await until(60_000, async () => {
      const { services } = await client.get('compute', '/os-services?binary=nova-compute');
      return (services as { state: string; host: string }[]).find(({ state }) => state === 'up')?.host;
    });
    if (!host) throw new UserError('no hypervisor came up within a minute', 'see: stratalith logs agent');
    return host;
  });
}
