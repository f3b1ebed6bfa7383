import type { Authenticate } from '#kit/auth/credentials.ts';
import { Policy } from '#kit/auth/policy.ts';
import type { Api } from '#kit/http/api.ts';
import { serve } from '#kit/http/server.ts';
import { silentLog } from '#kit/log/log.ts';

import { authenticatePersona, type Persona } from './personas.ts';

/** An answer, its body parsed when it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // tests look into bodies of any shape
  // eslint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** What a request differs by from a plain one of the client's own caller. */
export interface RequestOptions {
  /** A persona, or any token. */
  readonly as?: Persona | (string & {});
  readonly headers?: Record<string, string>;
  /** A string or bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** Speaks to one served API. */
export class ApiClient {
  readonly origin: string;
  readonly #prefix: string;
  readonly #caller: string;

  /** `caller` is the default one: a persona, or any token. */
  constructor(origin: string, prefix: string, caller = 'admin') {
    this.origin = origin;
    this.#prefix = prefix;
    this.#caller = caller;
  }

  get = (path: string, options?: RequestOptions) => this.send('GET', path, options);
  head = (path: string, options?: RequestOptions) => this.send('HEAD', path, options);
  delete = (path: string, options?: RequestOptions) => this.send('DELETE', path, options);
  post = (path: string, body?: unknown, options?: RequestOptions) =>
    this.send('POST', path, { ...options, body });
  put = (path: string, body?: unknown, options?: RequestOptions) =>
    this.send('PUT', path, { ...options, body });
  patch = (path: string, body?: unknown, options?: RequestOptions) =>
    this.send('PATCH', path, { ...options, body });

  /** Sends a request under the API's prefix; a path starting with `//` goes to the root. */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const raw = typeof options.body === 'string' || options.body instanceof Uint8Array;
    const response = await fetch(
      this.origin + (path.startsWith('//') ? path.slice(1) : this.#prefix + path),
      {
        method,
        redirect: 'manual',
        headers: {
          'x-auth-token': options.as ?? this.#caller,
          ...(options.body !== undefined && { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(options.body !== undefined && {
          body: raw ? (options.body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(options.body),
        }),
      },
    );
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }
}

/** Serves one service's API on a free port, with personas for tokens unless told how to authenticate. */
export async function serveForTest<Service>(
  api: Api<Service>,
  service: Service,
  authenticate: Authenticate = authenticatePersona,
): Promise<{ client: ApiClient; close: () => Promise<void> }> {
  const server = await serve(
    {
      api,
      service,
      policy: new Policy(api.policies, { ...(api.policyChecks && { custom: api.policyChecks }) }),
      authenticate,
      log: silentLog(),
      authUri: 'http://127.0.0.1:5000',
      onAnswer: () => {},
    },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    client: new ApiClient(`http://127.0.0.1:${server.port}`, api.prefixes[0] ?? ''),
    close: () => server.close(),
  };
}
