import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Whether Debian's package `rabbitmq-server` is there: where it is not, tests that need it are skipped by name. */
export const rabbitmqInstalled = (): boolean => existsSync(program);

/** A RabbitMQ broker of the tests' own, on loopback only. */
export interface RabbitServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a broker in a temporary directory; takes about ten seconds. */
export async function startRabbit(port: number): Promise<RabbitServer> {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-rmq-'));
  for (const d of ['mnesia', 'log']) mkdirSync(join(directory, d));
  writeFileSync(join(directory, 'enabled_plugins'), '[].');
  writeFileSync(
    join(directory, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users.guest = true\ndisk_free_limit.absolute = 50MB\n`,
  );
  const child = spawn(program, [], {
    stdio: 'ignore',
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: String(port + 1),
      RABBITMQ_DIST_PORT: String(port + 2),
      RABBITMQ_NODENAME: `stratalith${port}@localhost`,
      RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
      RABBITMQ_LOG_BASE: join(directory, 'log'),
      RABBITMQ_PID_FILE: join(directory, 'pid'),
      RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    },
  });
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 240 || child.exitCode !== null)
      throw new Error(`RabbitMQ did not start: see ${directory}/log`);
    await sleep(250);
  }
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    async stop() {
      // the wrapper script and the Erlang virtual machine are two processes
      process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGKILL');
      child.kill('SIGKILL');
      await stopEpmd(port + 1);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The port mapper refuses to go while it believes a node is registered, which passes a moment after the node's death. */
async function stopEpmd(port: number): Promise<void> {
  const env = { PATH: process.env.PATH, ERL_EPMD_PORT: String(port), ERL_EPMD_ADDRESS: '127.0.0.1' };
  for (let tries = 0; tries < 20 && (await answers(port)); tries++) {
    await sleep(100);
    try {
      execFileSync('epmd', ['-kill'], { env, stdio: 'ignore' });
    } catch {
      // not yet
    }
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
