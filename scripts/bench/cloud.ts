import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { layoutOf, type ServiceName, standardPorts } from '#contracts/machine.ts';
import { lockHolder } from '#kit/process/lock.ts';
import { memoryOf } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { freePorts } from '#test/support/free-ports.ts';

import { type CpuMeter, newControlGroup, processMeter } from './cpu.ts';

const script = join(import.meta.dirname, '..', '..', 'stratalith');

/** A cloud of simulated guests to be measured. */
export interface BenchCloud {
  readonly cpu: CpuMeter;
  readonly authUrl: string;
  readonly password: string;
  /** Headers of the administrator's requests. */
  readonly headers: Readonly<Record<string, string>>;
  readonly projectId: string;
  /** How long `up` took the first time and the second, in seconds. */
  readonly starts: { readonly cold: number; readonly warm: number };
  /** A service's URL from the catalog. */
  url(service: ServiceName): string;
  /** A request whose answer must be good; its JSON. */
  call(method: string, url: string, body?: unknown): Promise<Json>;
  /** Memory of all processes, in MB. */
  memory(): number;
  stop(): void;
}

// answers are read by their documented shape
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

/** Starts a cloud in a directory and on ports of its own, in a control group where one can be made. */
export async function startCloud(): Promise<BenchCloud> {
  const data = mkdtempSync(join(tmpdir(), 'stratalith-bench-'));
  const layout = layoutOf(data);
  const names = Object.keys(standardPorts);
  const ports = await freePorts(names.length);
  writeFileSync(
    join(data, 'stratalith.toml'),
    ['[ports]', ...names.map((name, i) => `${name} = ${ports[i]}`), '[log]', 'level = "warn"'].join('\n'),
  );
  const group = newControlGroup(`stratalith-bench-${process.pid}`);
  const stratalith = (...args: string[]): void => {
    // the shell joins the group before it becomes the command line, so that all it starts is in it
    const enter = group ? [group.file, script, ...args] : ['/dev/null', script, ...args];
    execFileSync('/bin/sh', ['-c', 'echo $$ > "$1"; shift; exec "$@"', 'sh', ...enter, '--data', data], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  const timed = (work: () => void): number => {
    const started = performance.now();
    work();
    return (performance.now() - started) / 1000;
  };
  const cold = timed(() => stratalith('up', '--sim'));
  stratalith('down');
  const warm = timed(() => stratalith('up', '--sim'));
  const stop = (): void => {
    stratalith('down');
    group?.meter.close();
    rmSync(data, { recursive: true });
  };
  const pids = [
    lockHolder(layout.supervisorLock)!.pid,
    ...readState(layout.processes).flatMap(({ id }) => (id ? [id.pid] : [])),
  ];
  const cpu = group?.meter ?? processMeter(pids);
  const password = readFileSync(layout.adminPassword, 'utf8').trim();
  const authUrl = `http://127.0.0.1:${ports[names.indexOf('identity')]}/v3`;
  const { token, projectId, catalog } = await logIn(authUrl, password).catch((error: unknown) => {
    stop();
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
    memory: () =>
      pids.reduce((sum, pid) => {
        const { pss, rss } = memoryOf(pid)!;
        return sum + (pss ?? rss) / 1e6;
      }, 0),
    stop,
  };
}

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** The body of a password authentication of the administrator. */
export const authentication = (password: string): string =>
  JSON.stringify({
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: 'admin', domain: { id: 'default' }, password } },
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
