import { setTimeout as sleep } from 'node:timers/promises';

import { ApiError, type CloudClient, type Json } from '#cli/cloud/client.ts';

import type { Chronicle } from './chronicle.ts';

const retryMs = 200;
/** How long the APIs may be away: what was killed must be back long before. */
const patienceMs = 120_000;
/** Microversion of Compute that is asked for. */
const compute = { 'openstack-api-version': 'compute 2.96' };

/**
 * A user of the cloud's APIs who is not put off by their dying: what got no answer is asked again. An answer above 499 is
 * a problem for the chronicle, and is asked again too.
 */
export class Patient {
  readonly name: string;
  readonly chronicle: Chronicle;
  readonly #client: CloudClient;

  constructor(name: string, client: CloudClient, chronicle: Chronicle) {
    this.name = name;
    this.#client = client;
    this.chronicle = chronicle;
  }

  get projectId(): string {
    return this.#client.projectId;
  }

  /** Throws {@link ApiError} below 500. */
  get(service: string, path: string): Promise<Json> {
    return this.#insist(
      `GET ${path}`,
      () => this.#send('GET', service, path),
      async () => undefined,
    );
  }

  /** Like {@link get}; undefined for what is not there. */
  async find(service: string, path: string): Promise<Json> {
    return this.get(service, path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  /**
   * Asks for a change. When its answer got lost, `found` finds out whether it was made, and answers as the request would
   * have; undefined: it was not, and is asked for again. Throws {@link ApiError} below 500.
   */
  change(
    method: string,
    service: string,
    path: string,
    body: unknown,
    found: () => Promise<Json>,
  ): Promise<Json> {
    return this.#insist(`${method} ${path}`, () => this.#send(method, service, path, body), found);
  }

  /** Deletes until it is gone. */
  async remove(service: string, path: string): Promise<void> {
    await this.change('DELETE', service, path, undefined, async () => undefined).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  #send(method: string, service: string, path: string, body?: unknown): Promise<Json> {
    return this.#client.send(method, service, path, body, service === 'compute' ? compute : {});
  }

  async #insist(what: string, send: () => Promise<Json>, found: () => Promise<Json>): Promise<Json> {
    for (const giveUpAt = performance.now() + patienceMs; ;) {
      try {
        return await send();
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) throw error;
        if (error instanceof ApiError) this.chronicle.problem(this.name, `${what}: ${error.message}`);
        if (performance.now() > giveUpAt) throw new Error(`no answer for long: ${what}`, { cause: error });
      }
      await sleep(retryMs);
      const answer = await found();
      if (answer !== undefined) return answer;
    }
  }
}
