import { setTimeout as sleep } from 'node:timers/promises';

import type { Login } from '#cli/cloud/client.ts';
import { CloudClient } from '#cli/cloud/client.ts';

import type { Chronicle } from './chronicle.ts';
import { killAtRandom, type Pace, type Victim } from './killer.ts';
import { type Furniture, Life } from './life.ts';
import { operations, wayBack } from './operations.ts';
import { Patient } from './patient.ts';
import { Random } from './random.ts';
import { uploadImages } from './uploads.ts';

/** What is done to a cloud, and for how long. */
export interface ChaosParts {
  readonly seed: number;
  readonly seconds: number;
  /** How many users are at work at once. */
  readonly users: number;
  readonly login: Login;
  readonly furniture: Furniture;
  readonly victims: readonly Victim[];
  readonly pace: Pace;
  readonly chronicle: Chronicle;
}

/** Users at work while processes are killed under them; afterwards everybody is left with what there is. */
export async function causeChaos(parts: ChaosParts): Promise<Life[]> {
  const { seed, seconds, chronicle, victims, pace } = parts;
  const lives: Life[] = [];
  for (let user = 0; user < parts.users; user++) {
    const name = `user${user}`;
    const api = new Patient(name, await CloudClient.login(parts.login), chronicle);
    lives.push(new Life(api, new Random(seed, user), parts.furniture, operations));
  }
  const over = new AbortController();
  const noteProblem = (who: string) => (error: unknown) =>
    chronicle.problem(who, (error as Error).stack ?? String(error));
  const living = lives.map((life) => life.live(over.signal).catch(noteProblem(life.api.name)));
  const uploader = new Patient('uploader', await CloudClient.login(parts.login), chronicle);
  const uploading = uploadImages(uploader, new Random(seed, parts.users), over.signal).catch(
    noteProblem('uploader'),
  );
  const killing = killAtRandom(victims, new Random(seed, -1), pace, chronicle, over.signal);
  try {
    await Promise.race([sleep(seconds * 1000), killing]);
  } finally {
    over.abort();
  }
  await Promise.all([killing, uploading, ...living]);
  return lives;
}

/** Brings every server back to ACTIVE. Nothing is killed any more: all of it must work. */
export async function bringBack(lives: readonly Life[]): Promise<void> {
  for (const life of lives.filter(({ lives }) => lives)) {
    for (let look = await life.settled('settle'); look.status !== 'ACTIVE';) {
      const operation = operations.find(({ name }) => name === wayBack[look.status]);
      if (!operation) throw new Error(`server ${life.id} is ${look.status}: no way back from there`);
      const { status } = await life.perform(operation, look);
      if (status === look.status) throw new Error(`${operation.name} leaves server ${life.id} in ${status}`);
      look = await life.look();
    }
  }
}
