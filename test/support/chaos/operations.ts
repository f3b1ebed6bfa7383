import { setTimeout as sleep } from 'node:timers/promises';

import type { Json } from '#cli/cloud/client.ts';

import type { Life, Operation, Status } from './life.ts';

const pollMs = 200;

/** An action of a server that needs nothing but its name. */
const simple = (
  name: string,
  action: string,
  from: readonly Status[],
  to: Status,
  more: Partial<Operation> & { args?: unknown } = {},
): Operation => ({
  name,
  from,
  record: action.replace(/^os-/, ''),
  begin: async (life) => void (await life.act(action, more.args ?? null, action.replace(/^os-/, ''))),
  to: () => to,
  ...more,
});

const same = (_: Life, before: Status): Status => before;
const settled: readonly Status[] = ['ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED'];

const resize: Operation = {
  name: 'resize',
  from: ['ACTIVE', 'SHUTOFF'],
  record: 'resize',
  begin: async (life, before) => {
    life.wasOff = before === 'SHUTOFF';
    const { server } = await life.api.get('compute', `/servers/${life.id}`);
    const other = life.furniture.flavors.find(({ name }) => name !== server.flavor.original_name)!;
    await life.act('resize', { flavorRef: other.id }, 'resize');
  },
  to: () => 'VERIFY_RESIZE',
};

const resized = (life: Life): Status => (life.wasOff ? 'SHUTOFF' : 'ACTIVE');

const snapshot: Operation = {
  name: 'snapshot',
  from: settled,
  record: 'createImage',
  begin: async (life) => {
    const name = `${life.id}-${life.images.length}`;
    await life.act('createImage', { name }, 'createImage');
    const { images } = await life.api.get('image', `/v2/images?name=${name}`);
    life.images.push(...images.map(({ id }: Json) => id));
  },
  to: same,
  check: async (life) => {
    const image = life.images.at(-1);
    const found = image && (await life.api.find('image', `/v2/images/${image}`));
    if (found?.status !== 'active')
      life.api.chronicle.problem(life.id, `its snapshot ${image} is ${found?.status ?? 'not there'}`);
  },
};

const interfaces = async (life: Life): Promise<Json[]> =>
  (await life.api.get('compute', `/servers/${life.id}/os-interface`)).interfaceAttachments;

/** Waits until the server has this many interfaces, or the operation has failed. */
const untilInterfaces = async (
  life: Life,
  record: string,
  isSo: (nics: Json[]) => boolean,
): Promise<void> => {
  for (const deadline = performance.now() + life.furniture.patience * 1000; performance.now() < deadline;) {
    if (isSo(await interfaces(life))) return;
    if ((await life.history(record))[0]?.message === 'Error') return;
    await sleep(pollMs);
  }
  throw new Error(`${record} of server ${life.id} never ends`);
};

/** A port of the server beside the first; undefined when it has none. */
const furtherPort = async (life: Life): Promise<string | undefined> =>
  (await interfaces(life)).map(({ port_id }) => port_id).find((port) => port !== life.home.firstPort);

const attach: Operation = {
  name: 'attach an interface',
  from: ['ACTIVE', 'SHUTOFF'],
  record: 'attach_interface',
  begin: async (life) => {
    if ((await furtherPort(life)) !== undefined) return;
    const before = (await life.history('attach_interface')).length;
    const body = { interfaceAttachment: { net_id: life.home.network } };
    await life.api.change('POST', 'compute', `/servers/${life.id}/os-interface`, body, async () =>
      (await life.history('attach_interface')).length > before ? {} : undefined,
    );
  },
  over: (life) => untilInterfaces(life, 'attach_interface', (nics) => nics.length >= 2),
  to: same,
};

const detach: Operation = {
  name: 'detach an interface',
  from: ['ACTIVE', 'SHUTOFF'],
  record: 'detach_interface',
  begin: async (life) => {
    const port = await furtherPort(life);
    if (port !== undefined) await life.api.remove('compute', `/servers/${life.id}/os-interface/${port}`);
  },
  over: (life) => untilInterfaces(life, 'detach_interface', (nics) => nics.length === 1),
  to: same,
};

/** All a user can do with a server but make and delete it. */
export const operations: readonly Operation[] = [
  simple('stop', 'os-stop', ['ACTIVE'], 'SHUTOFF', { weight: 2 }),
  simple('start', 'os-start', ['SHUTOFF'], 'ACTIVE', { weight: 3 }),
  simple('reboot', 'reboot', ['ACTIVE'], 'ACTIVE', { args: { type: 'SOFT' } }),
  simple('reboot hard', 'reboot', [...settled, 'ERROR'], 'ACTIVE', { args: { type: 'HARD' } }),
  simple('pause', 'pause', ['ACTIVE'], 'PAUSED'),
  simple('unpause', 'unpause', ['PAUSED'], 'ACTIVE', { weight: 3 }),
  simple('suspend', 'suspend', ['ACTIVE'], 'SUSPENDED'),
  simple('resume', 'resume', ['SUSPENDED'], 'ACTIVE', { weight: 3 }),
  simple('shelve', 'shelve', settled, 'SHELVED_OFFLOADED'),
  simple('unshelve', 'unshelve', ['SHELVED_OFFLOADED'], 'ACTIVE'),
  simple('rescue', 'rescue', ['ACTIVE', 'SHUTOFF'], 'RESCUE', { args: {} }),
  simple('unrescue', 'unrescue', ['RESCUE'], 'ACTIVE'),
  {
    name: 'rebuild',
    from: ['ACTIVE', 'SHUTOFF', 'ERROR'],
    record: 'rebuild',
    begin: async (life) => void (await life.act('rebuild', { imageRef: life.furniture.imageId }, 'rebuild')),
    to: (_, before) => (before === 'SHUTOFF' ? 'SHUTOFF' : 'ACTIVE'),
  },
  resize,
  simple('confirm', 'confirmResize', ['VERIFY_RESIZE'], 'ACTIVE', { to: resized }),
  simple('revert', 'revertResize', ['VERIFY_RESIZE'], 'ACTIVE', { to: resized }),
  snapshot,
  attach,
  detach,
];

/** What brings a server back to ACTIVE, from wherever it was left. */
export const wayBack: Readonly<Partial<Record<Status, string>>> = {
  SHUTOFF: 'start',
  PAUSED: 'unpause',
  SUSPENDED: 'resume',
  SHELVED_OFFLOADED: 'unshelve',
  RESCUE: 'unrescue',
  VERIFY_RESIZE: 'revert',
  ERROR: 'reboot hard',
};
