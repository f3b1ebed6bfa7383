import { setTimeout as sleep } from 'node:timers/promises';

import { ApiError, type Json } from '#cli/cloud/client.ts';

import { Home } from './home.ts';
import type { Patient } from './patient.ts';
import type { Random } from './random.ts';

/** What every life is lived with. */
export interface Furniture {
  readonly imageId: string;
  /** Two of different size; servers are made with the first. */
  readonly flavors: readonly { readonly id: string; readonly name: string }[];
  readonly externalNetworkId: string;
  /** How long an operation may take, in seconds, kills included. */
  readonly patience: number;
}

/** The statuses of servers that the operations lead through. */
export type Status =
  | 'ACTIVE'
  | 'BUILD'
  | 'ERROR'
  | 'PAUSED'
  | 'RESCUE'
  | 'SHELVED_OFFLOADED'
  | 'SHUTOFF'
  | 'SUSPENDED'
  | 'VERIFY_RESIZE';

/** Something a user does with a server. */
export interface Operation {
  readonly name: string;
  /** How often it is done beside the others; 1 when left out. */
  readonly weight?: number;
  /** The status it may begin in. */
  readonly from: readonly Status[];
  /** Its name in the server's history. */
  readonly record: string;
  readonly begin: (life: Life, before: Status) => Promise<void>;
  /** The status it should end in. */
  readonly to: (life: Life, before: Status) => Status;
  /** Waits for its end, where the server does not show that it is under way. */
  readonly over?: (life: Life) => Promise<void>;
  /** Looks at what else it should have done, once it has ended well. */
  readonly check?: (life: Life) => Promise<void>;
}

/** A server as its owner sees it. */
export interface Look {
  readonly status: Status;
  readonly task: string | null;
  readonly fault: string | undefined;
  /** Whether it ever ran: one that never did can only be deleted. */
  readonly launched: boolean;
}

const pollMs = 300;
/** A guest may be found dead by an operation that begins before anybody has noticed. */
const unnoticedMs = 15_000;

/**
 * What one user does with one server after the other: a network of its own around it, then whatever is possible in the state
 * it is in, then everything is taken down again. Each outcome is judged.
 */
export class Life {
  readonly api: Patient;
  readonly random: Random;
  readonly furniture: Furniture;
  readonly #operations: readonly Operation[];
  id = '';
  home!: Home;
  /** Whether it was off when its resize began. */
  wasOff = false;
  /** Images made of it. */
  readonly images: string[] = [];
  #count = 0;

  /** `operations`: all that may be done with a server. */
  constructor(api: Patient, random: Random, furniture: Furniture, operations: readonly Operation[]) {
    this.#operations = operations;
    this.api = api;
    this.random = random;
    this.furniture = furniture;
  }

  /** Whether there is a server now, or the beginning of one. */
  get lives(): boolean {
    return this.home !== undefined;
  }

  /** Lives until the signal says so, then leaves everything as it is. */
  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.begin();
      for (let left = this.random.between(3, 12); left > 0 && !signal.aborted; left--) {
        if (!(await this.step())) break;
      }
      if (!signal.aborted) await this.end();
    }
  }

  async begin(): Promise<void> {
    const name = `${this.api.name}-${++this.#count}`;
    this.home = new Home(this.api, name, this.furniture.externalNetworkId);
    await this.home.build(this.random.chance(0.3));
    const { network, port } = this.home;
    const server = {
      name,
      imageRef: this.furniture.imageId,
      flavorRef: this.furniture.flavors[0]!.id,
      networks: [port === '' ? { uuid: network } : { port }],
    };
    const found = async () => {
      const { servers } = await this.api.get('compute', `/servers?name=${name}`);
      return servers[0] && { server: servers[0] };
    };
    const startedAt = performance.now();
    this.id = (await this.api.change('POST', 'compute', '/servers', { server }, found)).server.id;
    this.#note(`create ${this.id}`);
    this.#judge('create', 'ACTIVE', await this.settled('create'), undefined, startedAt);
    await this.home.lead(this.id);
  }

  /** Does something that its state allows; false when there is nothing more to be done with it. */
  async step(): Promise<boolean> {
    const before = await this.look();
    if (!before.launched) return false;
    const possible = this.#operations.filter(({ from }) => from.includes(before.status));
    if (possible.length === 0) throw new Error(`there is nothing to do with a server in ${before.status}`);
    const operation = this.random.pick(possible, ({ weight }) => weight ?? 1);
    // somebody who does not wait: the deletion finds the operation under way
    const impatient = this.random.chance(0.06);
    await this.perform(operation, before, impatient);
    return !impatient;
  }

  /** Does one thing, waits for its end and judges it. */
  async perform(operation: Operation, before: Look, impatient = false): Promise<Look> {
    const startedAt = performance.now();
    this.#note(`${operation.name} (${before.status})`);
    this.api.chronicle.count(operation.name);
    try {
      await operation.begin(this, before.status);
      if (impatient) return before;
      await operation.over?.(this);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const died = this.#died(startedAt);
      if (died || impatient) this.#note(`${operation.name} was refused: ${error.message}`);
      else this.#problem(`${operation.name} was refused in ${before.status}: ${error.message}`);
      return this.settled(operation.name);
    }
    const after = await this.settled(operation.name);
    const failed = await this.#failure(operation.record);
    this.#judge(operation.name, operation.to(this, before.status), after, failed, startedAt);
    if (!failed && after.status !== 'ERROR') await operation.check?.(this);
    return after;
  }

  /** Removes the server and all around it. */
  async end(): Promise<void> {
    this.#note('delete');
    await this.api.remove('compute', `/servers/${this.id}`);
    await this.#patiently('delete', async () => (await this.#find()) === undefined);
    await this.home.takeDown();
    for (const image of this.images.splice(0)) await this.api.remove('image', `/v2/images/${image}`);
    this.api.chronicle.count('delete');
    this.home = undefined as never;
  }

  async look(): Promise<Look> {
    const server = await this.#find();
    if (!server) throw new Error(`server ${this.id} is not there any more`);
    return {
      status: server.status,
      task: server['OS-EXT-STS:task_state'],
      fault: server.fault?.message,
      launched: server['OS-SRV-USG:launched_at'] !== null,
    };
  }

  /** Waits until nothing is being done to the server. */
  async settled(what: string): Promise<Look> {
    let last: Look | undefined;
    await this.#patiently(what, async () => {
      last = await this.look();
      return last.task === null && last.status !== 'BUILD';
    });
    return last!;
  }

  /** Records of the server's history with this action, newest first. */
  async history(record: string): Promise<Json[]> {
    const { instanceActions } = await this.api.get('compute', `/servers/${this.id}/os-instance-actions`);
    return instanceActions.filter(({ action }: Json) => action === record);
  }

  /** Starts an action; when the answer got lost, its record says whether it began. */
  async act(action: string, args: unknown, record: string): Promise<Json> {
    const before = (await this.history(record)).length;
    const path = `/servers/${this.id}/action`;
    return this.api.change('POST', 'compute', path, { [action]: args }, async () =>
      (await this.history(record)).length > before ? {} : undefined,
    );
  }

  async #failure(record: string): Promise<boolean> {
    return (await this.history(record))[0]?.message === 'Error';
  }

  #judge(
    what: string,
    wanted: Status,
    { status, fault }: Look,
    failed: boolean | undefined,
    startedAt: number,
  ): void {
    const died = this.#died(startedAt);
    const end = `${what} ended in ${status}${failed ? ', failed' : ''}${fault ? `: ${fault}` : ''}${died ? ' (its guest was killed)' : ''}`;
    this.#note(end);
    if (status === wanted && !failed) return;
    if (status === 'ERROR' && fault) return this.api.chronicle.count('ERROR');
    if (died) return;
    this.#problem(`${end}, should be ${wanted}`);
  }

  #died(startedAt: number): boolean {
    return this.api.chronicle.guestDied(this.id, startedAt - unnoticedMs);
  }

  async #find(): Promise<Json> {
    return (await this.api.find('compute', `/servers/${this.id}`))?.server;
  }

  async #patiently(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (
      const deadline = performance.now() + this.furniture.patience * 1000;
      !(await isSo());
      await sleep(pollMs)
    )
      if (performance.now() > deadline) {
        const { status, task } = await this.look();
        throw new Error(`${what} of server ${this.id} never ends: it is ${status}, ${task}`);
      }
  }

  #note(what: string): void {
    this.api.chronicle.note(`${this.api.name} ${this.id.slice(0, 8)}`, what);
  }

  #problem(what: string): void {
    this.api.chronicle.problem(`${this.api.name} ${this.id}`, what);
  }
}
