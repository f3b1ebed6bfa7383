import { setTimeout as sleep } from 'node:timers/promises';

import { UserError } from '../output.ts';

/** Who logs in, and where. */
export interface Login {
  /** The Identity service's URL, ending in `/v3`. */
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
}

/** An API's answer that was not the one hoped for. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An API's answer, parsed and unchecked: it is read by its documented shape. */
export type Json = any; // oxlint-disable-line typescript/no-explicit-any

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** A caller of the cloud's public APIs, as any client would be. */
export class CloudClient {
  readonly projectId: string;
  readonly #token: string;
  readonly #catalog: readonly CatalogEntry[];

  private constructor(token: string, body: Json) {
    this.#token = token;
    this.projectId = body.project.id;
    this.#catalog = body.catalog;
  }

  /** Logs in with a password. Throws {@link ApiError}. */
  static async login({ authUrl, user, password, project }: Login): Promise<CloudClient> {
    const domain = { id: 'default' };
    const response = await reach(`${authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
          scope: { project: { name: project, domain } },
        },
      }),
    });
    const body = await parsed(response);
    return new CloudClient(response.headers.get('x-subject-token') ?? '', body.token);
  }

  /** Service types of the catalog. */
  get services(): readonly string[] {
    return this.#catalog.map(({ type }) => type);
  }

  /** A service's public URL, without a trailing slash. */
  urlOf(service: string): string {
    const url = this.#catalog
      .find(({ type }) => type === service)
      ?.endpoints.find((endpoint) => endpoint.interface === 'public')?.url;
    if (!url) throw new UserError(`the catalog has no ${service} service`);
    return url.replace(/\/$/, '');
  }

  get = (service: string, path: string): Promise<Json> => this.send('GET', service, path);
  post = (service: string, path: string, body: unknown): Promise<Json> =>
    this.send('POST', service, path, body);
  put = (service: string, path: string, body: unknown): Promise<Json> =>
    this.send('PUT', service, path, body);

  /** Sends a request; the answer's JSON, or undefined when it has none. Throws {@link ApiError} above status 399. */
  async send(
    method: string,
    service: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Json> {
    const binary = body instanceof ReadableStream || body instanceof Uint8Array || body instanceof Blob;
    const response = await reach(this.urlOf(service) + path, {
      method,
      headers: {
        'x-auth-token': this.#token,
        accept: 'application/json',
        ...(body !== undefined && {
          'content-type': binary ? 'application/octet-stream' : 'application/json',
        }),
        ...headers,
      },
      ...(body !== undefined && { body: binary ? (body as Blob) : JSON.stringify(body) }),
      // the body is sent before the answer is read, which fetch wants to be told of a stream
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    });
    return parsed(response);
  }
}

/** Sends a request. Throws {@link UserError} when nobody answers. */
async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {};
    throw new UserError(
      `${url} cannot be reached: ${code ?? message ?? (error as Error).message}`,
      'what control says: stratalith logs control',
      'a cloud in a network namespace is reached from there only: ip netns exec …',
    );
  }
}

async function parsed(response: Response): Promise<Json> {
  const text = await response.text();
  if (!response.ok)
    throw new ApiError(response.status, `${response.url}: ${response.status} ${text.slice(0, 500)}`);
  return text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
}

// where nobody listens that is known at once; on a machine that is very busy an answer takes seconds
const wellWithinMs = 10_000;

/** Whether a service's `/healthcheck` says it is well. */
export async function isWell(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthcheck`, { signal: AbortSignal.timeout(wellWithinMs) })).ok;
  } catch {
    return false;
  }
}

/** Calls `probe` until it answers something, a little later each time. Undefined when time is up. */
export async function until<T>(
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  for (let wait = 10, end = Date.now() + timeoutMs; ; wait = Math.min(wait * 1.5, 250)) {
    const found = await probe();
    if (found !== undefined || Date.now() > end) return found;
    await sleep(wait);
  }
}
