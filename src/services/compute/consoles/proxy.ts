import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { createWebSocketStream, WebSocketServer } from 'ws';

import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import { pageFile } from './files.ts';

/** What {@link ConsoleProxy} works with. */
export interface ConsoleProxyParts {
  readonly log: Logger;
  /** Where clients were told to find the proxy; its scheme is the one their pages must have. */
  readonly url: string;
  /** Host names, beside the proxy's own, of pages that may open consoles. */
  readonly allowedOrigins: readonly string[];
  /** The unix socket a token opens; undefined when it opens none. */
  readonly socketFor: (token: string) => Promise<string | undefined>;
}

const connectTimeoutMs = 10_000;

/**
 * Brings consoles to browsers, as nova-novncproxy does: serves noVNC, and passes what comes over a web socket on to the
 * unix socket of the guest that a token names. The token stands in the web socket's query, or in a cookie.
 */
export class ConsoleProxy {
  readonly #parts: ConsoleProxyParts;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false),
  });

  private constructor(parts: ConsoleProxyParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  static async listen(
    parts: ConsoleProxyParts,
    address: { host: string; port: number },
  ): Promise<ConsoleProxy> {
    const proxy = new ConsoleProxy(parts);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(address.port, address.host, resolve);
    });
    return proxy;
  }

  /** The port listened on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every console and stops listening. */
  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file =
      request.method === 'GET' || request.method === 'HEAD' ? await this.#file(request) : undefined;
    if (!file) {
      response.writeHead(404, { 'content-length': '0' }).end();
      return;
    }
    response.writeHead(200, {
      'content-type': file.contentType,
      'content-length': file.content.length,
      ...pageHeaders,
    });
    response.end(request.method === 'HEAD' ? undefined : file.content);
  }

  async #file(request: IncomingMessage) {
    try {
      return await pageFile(decodeURIComponent(addressOf(request).pathname));
    } catch (error) {
      this.#parts.log.warn({ err: error }, `a page was not served: ${messageOf(error)}`);
      return undefined;
    }
  }

  async #upgrade(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on('error', () => client.destroy());
    try {
      const problem = this.#problemOfOrigin(request);
      if (problem) throw new Error(problem);
      const path = await this.#parts.socketFor(tokenOf(request));
      if (path === undefined) throw new Error('the token is invalid or has expired');
      const guest = await connect(path);
      let shaken = false;
      this.#sockets.handleUpgrade(request, client, head, (webSocket) => {
        shaken = true;
        const stream = createWebSocketStream(webSocket);
        // either end going away ends the other
        void pipeline(stream, guest, stream).catch(() => {});
      });
      // a handshake that failed leaves nobody to speak to the guest
      if (!shaken) guest.destroy();
    } catch (error) {
      this.#parts.log.info({ from: request.socket.remoteAddress }, `console refused: ${messageOf(error)}`);
      client.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  }

  /** Why a browser may not open a console from the page it shows. Other clients name no page, which is fine. */
  #problemOfOrigin(request: IncomingMessage): string | undefined {
    const { origin, host } = request.headers;
    if (origin === undefined) return undefined;
    if (!URL.canParse(origin)) return 'Origin header not valid.';
    const page = new URL(origin);
    const expected = [...this.#parts.allowedOrigins, hostNameOf(host)];
    if (!expected.includes(page.hostname)) return 'Origin header does not match this host.';
    const forwarded = request.headers['x-forwarded-proto'];
    const scheme = typeof forwarded === 'string' ? `${forwarded}:` : page.protocol;
    return scheme === new URL(this.#parts.url).protocol
      ? undefined
      : 'Origin header protocol does not match this host.';
  }
}

/** The page loads nothing from elsewhere and tells nobody its address, in which the token stands. */
const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy': "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const addressOf = (request: IncomingMessage): URL => new URL(`http://proxy${request.url ?? '/'}`);

function tokenOf(request: IncomingMessage): string {
  const token = addressOf(request).searchParams.getAll('token').at(-1);
  return token || (/(?:^|;\s*)token="?([^";]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '');
}

/** The host of a `Host` header, without its port. */
const hostNameOf = (host: string | undefined): string | undefined =>
  host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('the console does not answer')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}
