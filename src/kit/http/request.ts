import type { IncomingMessage, ServerResponse } from 'node:http';

import { isRequestId, newRequestId } from '../ids/ids.ts';
import type { RequestInfo } from './endpoint.ts';

/** Requests that wait for `100 Continue`, until somebody wants their body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Notes that the client of `message` waits for leave to send its body. */
export const expectContinue = (message: IncomingMessage, response: ServerResponse): void => {
  waiting.set(message, response);
};

/** Whether the client of `message` still waits for leave to send its body. */
export const isWaiting = (message: IncomingMessage): boolean => waiting.has(message);

/** Lets a waiting client send. Nothing is said to a client whose request was refused before: it saves the upload. */
export const letSend = (message: IncomingMessage): void => {
  waiting.get(message)?.writeContinue();
  waiting.delete(message);
};

/** The view of a request that handlers get. */
export class Request implements RequestInfo {
  readonly id = newRequestId();
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  #abort: AbortController | undefined;

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.#message = message;
    this.#response = response;
  }

  get globalId(): string | undefined {
    const given = this.#message.headers['x-openstack-request-id'];
    return isRequestId(given) ? given : undefined;
  }
  get method(): string {
    return this.#message.method ?? '';
  }
  get url(): string {
    return this.#message.url ?? '';
  }
  get origin(): string {
    const scheme = this.#message.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
    return `${scheme}://${this.#message.headers.host ?? 'localhost'}`;
  }
  get headers(): IncomingMessage['headers'] {
    return this.#message.headers;
  }
  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#response.once('close', () => {
        if (!this.#response.writableFinished) abort.abort();
      });
    }
    return this.#abort.signal;
  }
  stream(): IncomingMessage {
    letSend(this.#message);
    return this.#message;
  }
}
