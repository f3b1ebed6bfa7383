import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { layoutOf, type ServiceName, standardPorts } from '#contracts/machine.ts';
import { lockHolder } from '#kit/process/lock.ts';
import { memoryOf } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { freePorts } from '#test/support/free-ports.ts';

import { type CpuMeter, newControlGroup, processMeter } from './cpu.ts';

const warmStarts = 3;
const script = join(import.meta.dirname, '..', '..', 'stratalith');

/** A cloud to be measured. */
export interface BenchCloud {
  readonly cpu: CpuMeter;
  readonly authUrl: string;
  readonly password: string;
  /** Headers of the administrator's requests. */
  readonly headers: Readonly<Record<string, string>>;
  readonly projectId: string;
  /** How the first `up` and those after it went. */
  readonly starts: { readonly cold: CloudStart; readonly warm: readonly CloudStart[] };
  /** A service's URL from the catalog. */
  url(service: ServiceName): string;
  /** A request whose answer must be good; its JSON. */
  call(method: string, url: string, body?: unknown): Promise<Json>;
  /** Memory of our own processes and of the network engine's, in MB. */
  memory(): { readonly own: number; readonly engine: number };
  stop(): Promise<void>;
}

/** A start, counted from the command; milliseconds. */
export interface CloudStart {
  /** Until every API answered. */
  readonly answering: number;
  /** Until the command was done. */
  readonly done: number;
  readonly cpu: number;
}

/** An API's answer, parsed and unchecked: it is read by its documented shape. */
export type Json = any; // oxlint-disable-line typescript/no-explicit-any

/** Starts a cloud in a directory and on ports of its own, in a control group where one can be made. */
export async function startCloud(kind: 'sim' | 'real'): Promise<BenchCloud> {
  const data = mkdtempSync(join(tmpdir(), 'stratalith-bench-'));
  // the accounts that services and guests run as must be able to pass
  chmodSync(data, 0o755);
  const layout = layoutOf(data);
  const names = Object.keys(standardPorts);
  const ports = await freePorts(names.length);
  writeFileSync(
    join(data, 'stratalith.toml'),
    ['[ports]', ...names.map((name, i) => `${name} = ${ports[i]}`)].join('\n'),
  );
  const group = newControlGroup(`stratalith-bench-${process.pid}`);
  const run = newRunner(data, group?.file);
  const up = async (): Promise<CloudStart> => {
    const cpu = group?.meter.read() ?? Number.NaN;
    const begun = performance.now();
    const done = run('up', '--yes', ...(kind === 'sim' ? ['--sim'] : [])).then(
      () => performance.now() - begun,
    );
    const answering = Promise.all(ports.filter((_, i) => names[i] !== 'console').map(answers));
    await Promise.race([answering, done]);
    const answered = performance.now() - begun;
    return { answering: answered, done: await done, cpu: (group?.meter.read() ?? Number.NaN) - cpu };
  };
  const cold = await up();
  const warm: CloudStart[] = [];
  while (warm.length < warmStarts) {
    await run('down', '--guests');
    warm.push(await up());
  }
  const stop = async (): Promise<void> => {
    await run('down', '--guests');
    group?.meter.close();
    rmSync(data, { recursive: true });
  };
  const children = readState(layout.processes).flatMap(({ id, name }) => (id ? [{ name, pid: id.pid }] : []));
  const processes = [{ name: 'supervisor', pid: lockHolder(layout.supervisorLock)!.pid }, ...children];
  const cpu = group?.meter ?? processMeter(processes.map(({ pid }) => pid));
  const password = readFileSync(layout.adminPassword, 'utf8').trim();
  const authUrl = `http://127.0.0.1:${ports[names.indexOf('identity')]}/v3`;
  const { token, projectId, catalog } = await logIn(authUrl, password).catch((error: unknown) => {
    void stop();
    throw error;
  });
  const headers = { 'x-auth-token': token };
  return {
    cpu,
    authUrl,
    password,
    headers,
    projectId,
    starts: { cold, warm },
    url(service) {
      const found = catalog.find(({ type }) => type === service);
      if (!found) throw new Error(`the cloud has no ${service} service`);
      return found.endpoints.find((endpoint) => endpoint.interface === 'public')!.url;
    },
    async call(method, url, body) {
      const response = await fetch(url, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`);
      return text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
    },
    memory: () => ({
      own: megabytesOf(processes.filter(({ name }) => isOwn(name))),
      engine: megabytesOf(processes.filter(({ name }) => !isOwn(name))),
    }),
    stop,
  };
}

/** Runs our command line on a data directory; the control group, if any, is joined first, so that all it starts is in it. */
const newRunner =
  (data: string, group: string | undefined) =>
  async (...args: string[]): Promise<void> => {
    const enter = [group ?? '/dev/null', script, ...args, '--data', data];
    const child = spawn('/bin/sh', ['-c', 'echo $$ > "$1"; shift; exec "$@"', 'sh', ...enter], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`stratalith ${args.join(' ')}: exit ${code}`);
  };

/** Resolves when an API answers. */
async function answers(port: number): Promise<void> {
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/healthcheck`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp())) await sleep(10);
}

const isOwn = (name: string): boolean => ['supervisor', 'control', 'agent', 'sim'].includes(name);

const megabytesOf = (processes: readonly { pid: number }[]): number =>
  processes.reduce((sum, { pid }) => {
    const { pss, rss } = memoryOf(pid)!;
    return sum + (pss ?? rss) / 1e6;
  }, 0);

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** The body of a password authentication, scoped to project `admin`. */
export const authentication = (password: string, user = 'admin'): string =>
  JSON.stringify({
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: user, domain: { id: 'default' }, password } },
      },
      scope: { project: { name: 'admin', domain: { id: 'default' } } },
    },
  });

async function logIn(
  authUrl: string,
  password: string,
): Promise<{ token: string; projectId: string; catalog: readonly CatalogEntry[] }> {
  const response = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: authentication(password),
  });
  const { token } = (await response.json()) as Json;
  return {
    token: response.headers.get('x-subject-token')!,
    projectId: token.project.id,
    catalog: token.catalog,
  };
}
