import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';

import { agentAddress } from '#contracts/agent.ts';
import { FakeClock } from '#kit/clock/clock.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import type { ApiClient } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

import { startConsoleProxy } from '../consoles/start.ts';
import type { Server as ComputeServer } from '../servers/server.ts';
import type { ConsoleProxy } from './proxy.ts';

/** A guest's screen: greets as RFB does, then says back what it hears. */
async function screen(path: string): Promise<{ server: Server; clients: Set<Socket> }> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    socket.on('error', () => {});
    socket.write('RFB 003.008\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { server, clients };
}

describeEachEngine('consoles', (databases) => {
  const clock = new FakeClock();
  let directory: string;
  let guest: { server: Server; clients: Set<Socket> };
  let cloud: ComputeForTest;
  let client: ApiClient;
  let proxy: ConsoleProxy;
  let server: ComputeServer;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'stratalith-console-'));
    guest = await screen(join(directory, 'vnc'));
    cloud = await startCompute(await databases.open(), { clock });
    client = cloud.client;
    await cloud.bus.serve(agentAddress('h1'), {
      'guest.console': ({ id, kind }: { id: string; kind: string }) => {
        if (id !== server.id) throw notFound('no such guest');
        return { socket: join(directory, kind) };
      },
    });
    [server] = (await putServers(cloud.compute, { host: 'h1' })) as [ComputeServer];
    proxy = await startConsoleProxy(cloud.compute, { host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    await proxy.close();
    for (const socket of guest.clients) socket.destroy();
    await new Promise((resolve) => guest.server.close(resolve));
    await cloud.close();
    rmSync(directory, { recursive: true });
  });

  const open = (protocol = 'vnc', type = 'novnc', version = '2.6', id = server.id) =>
    client.post(
      `/servers/${id}/remote-consoles`,
      { remote_console: { protocol, type } },
      { as: 'member', ...asVersion(version) },
    );
  /** A URL as given out, but at the port the proxy of this test listens on. */
  const here = (url: string) => url.replace(':6080', `:${proxy.port}`);
  const tokenIn = (url: string) => /token(?:=|%3D)([0-9a-f-]{36})$/.exec(url)![1]!;

  /** Speaks to a console as a browser's web socket would; answers what it heard, or that it was refused. */
  const converse = (path: string, options: { origin?: string; headers?: Record<string, string> } = {}) =>
    new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}${path}`, ['binary'], options);
      socket.on('open', () => socket.send(Buffer.from('hello')));
      socket.on('message', (data: Buffer) => {
        heard += data.toString();
        if (heard.endsWith('hello')) socket.close();
      });
      socket.on('close', () => resolve(`${socket.protocol}: ${heard}`));
      socket.on('unexpected-response', (request, response) => {
        request.destroy();
        resolve(`refused ${response.statusCode}`);
      });
      socket.on('error', reject);
    });
  const served = 'binary: RFB 003.008\nhello';

  test('a console is opened and reached through its URL', async () => {
    const { status, body } = await open();
    expect(status).toBe(200);
    const { url } = body.remote_console;
    expect(body.remote_console).toEqual({
      protocol: 'vnc',
      type: 'novnc',
      url: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:6080\/vnc_lite\.html\?path=%3Ftoken%3D[0-9a-f-]{36}$/,
      ),
    });
    const page = await fetch(here(url));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toMatch(/noVNC[^]*<script[^]*<\/html>/);
    const path = `/${new URL(url).searchParams.get('path')}`;
    expect(await converse(path)).toBe(served);
    expect(await converse(`/websockify${path.slice(1)}`)).toBe(served);
    expect(await converse('/', { headers: { cookie: `a=b; token=${tokenIn(url)}` } })).toBe(served);
  });

  test('noVNC itself is served, and nothing beside it', async () => {
    const fetchFile = (path: string) => fetch(`http://127.0.0.1:${proxy.port}${path}`);
    for (const path of [
      '/core/rfb.js',
      '/vendor/pako/lib/zlib/inflate.js',
      '/console/vnc.js',
      '/vnc_auto.html',
    ])
      expect((await fetchFile(path)).status).toBe(200);
    for (const path of [
      '/',
      '/core',
      '/core/none.js',
      '/package.json',
      '/core/..%2fpackage.json',
      '/console/..%2fproxy.ts',
      '/%00',
    ])
      expect((await fetchFile(path)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${proxy.port}/core/rfb.js`, { method: 'POST' })).status).toBe(404);
  });

  test('without a token that is good, nobody gets through', async () => {
    const token = tokenIn((await open()).body.remote_console.url);
    expect(await converse(`/?token=bad${token}`)).toBe('refused 403');
    expect(await converse('/')).toBe('refused 403');
    clock.advance(599_000);
    expect(await converse(`/?token=${token}`)).toBe(served);
    clock.advance(2000);
    expect(await converse(`/?token=${token}`)).toBe('refused 403');
  });

  test('a token is for one server, where it was', async () => {
    const token = tokenIn((await open()).body.remote_console.url);
    await cloud.compute.servers.update(server.id, { host: 'h2' });
    expect(await converse(`/?token=${token}`)).toBe('refused 403');
    await cloud.compute.servers.update(server.id, { host: 'h1' });
    expect(await converse(`/?token=${token}`)).toBe(served);
    await cloud.compute.servers.update(server.id, { deletedAt: 1 });
    expect(await converse(`/?token=${token}`)).toBe('refused 403');
  });

  test('pages of other hosts may not open consoles', async () => {
    const path = `/?token=${tokenIn((await open()).body.remote_console.url)}`;
    expect(await converse(path, { origin: 'http://127.0.0.1:1234' })).toBe(served);
    expect(await converse(path, { origin: 'http://evil.example.org' })).toBe('refused 403');
    expect(await converse(path, { origin: 'https://127.0.0.1' })).toBe('refused 403');
    expect(await converse(path, { origin: 'nonsense' })).toBe('refused 403');
    const forwarded = { headers: { 'x-forwarded-proto': 'http' } };
    expect(await converse(path, { origin: 'https://127.0.0.1', ...forwarded })).toBe(served);
  });

  test('a guest that goes away ends the console, and so does a browser', async () => {
    const token = tokenIn((await open()).body.remote_console.url);
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/?token=${token}`, ['binary']);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await expect.poll(() => guest.clients.size).toBe(1);
    for (const end of guest.clients) end.destroy();
    await closed;
    const second = new WebSocket(`ws://127.0.0.1:${proxy.port}/?token=${token}`, ['binary']);
    await once(second, 'open');
    second.terminate();
    await expect.poll(() => guest.clients.size).toBe(0);
  });

  test('a handshake that fails lets go of the guest', async () => {
    const token = tokenIn((await open()).body.remote_console.url);
    let spoken = 0;
    guest.server.on('connection', () => spoken++);
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '1' };
    const request = get({ port: proxy.port, path: `/?token=${token}`, headers });
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(400);
    response.resume();
    await expect.poll(() => [spoken, guest.clients.size]).toEqual([1, 0]);
  });

  test('a guest whose socket is gone refuses', async () => {
    const { body } = await open('serial', 'serial');
    expect(body.remote_console.url).toMatch(/^ws:\/\/127\.0\.0\.1:6080\/\?token=/);
    expect(await converse(`/?token=${tokenIn(body.remote_console.url)}`)).toBe('refused 403');
  });

  test.each([
    ['spice', 'spice-html5', 'Unavailable console type spice-html5.'],
    ['rdp', 'rdp-html5', 'Unavailable console type rdp.'],
    ['mks', 'webmks', 'Unavailable console type webmks.'],
    ['vnc', 'xvpvnc', 'Invalid console type xvpvnc'],
    ['spice', 'spice-direct', 'Unavailable console type spice-direct.'],
  ])('there is no console of protocol %s and type %s', async (protocol, type, message) => {
    expect((await open(protocol, type, '2.99')).body.badRequest.message).toBe(message);
  });

  test('what may be asked for depends on the version', async () => {
    expect((await open('mks', 'webmks', '2.7')).body.badRequest.message).toMatch(/is not one of/);
    expect((await open('spice', 'spice-direct', '2.98')).body.badRequest.message).toMatch(/is not one of/);
    expect((await open('vnc', 'novnc', '2.5')).status).toBe(404);
    const act = (action: string, type: string, version = '2.1') =>
      client.post(
        `/servers/${server.id}/action`,
        { [action]: { type } },
        { as: 'member', ...asVersion(version) },
      );
    expect((await act('os-getVNCConsole', 'novnc')).body.console).toEqual({
      type: 'novnc',
      url: expect.stringContaining('/vnc_lite.html?path=%3Ftoken%3D'),
    });
    expect((await act('os-getSerialConsole', 'serial')).body.console.type).toBe('serial');
    expect((await act('os-getSPICEConsole', 'spice-html5')).status).toBe(400);
    expect((await act('os-getRDPConsole', 'rdp-html5')).status).toBe(400);
    expect((await act('os-getVNCConsole', 'novnc', '2.6')).status).toBe(404);
  });

  test('a server without a guest has no console', async () => {
    const [building, unknown, leaving] = await putServers(
      cloud.compute,
      { host: null, vmState: 'building' },
      { host: 'h1' },
      { host: 'h1', taskState: 'deleting' },
    );
    const of = (s: ComputeServer) => open('vnc', 'novnc', '2.6', s.id);
    expect((await of(building!)).body.conflictingRequest.message).toBe(
      `Instance ${building!.id} is not ready`,
    );
    expect((await of(unknown!)).status).toBe(404);
    expect((await of(leaving!)).status).toBe(409);
  });

  test('administrators see what a token is for', async () => {
    const token = tokenIn((await open()).body.remote_console.url);
    const path = `/os-console-auth-tokens/${token}`;
    expect((await client.get(path, asVersion('2.31'))).body).toEqual({
      console: { instance_uuid: server.id, host: 'h1', port: 6080, internal_access_path: null },
    });
    expect((await client.get(path, asVersion('2.30'))).status).toBe(400);
    expect((await client.get('/os-console-auth-tokens/x', asVersion('2.31'))).body.itemNotFound.message).toBe(
      'Token not found',
    );
    expect((await client.get(path, { as: 'member', ...asVersion('2.31') })).status).toBe(403);
    expect(
      (await client.post(`/servers/${server.id}/remote-consoles`, {}, { as: 'reader', ...asVersion('2.6') }))
        .status,
    ).toBe(403);
    clock.advance(601_000);
    for (const loop of cloud.assembled.loops.filter((l) => l.name === 'compute.console-tokens'))
      await loop.run();
    expect((await client.get(path, asVersion('2.31'))).status).toBe(404);
  });
});
