import { openSync } from 'node:fs';

import { pino, type Logger } from 'pino';

import { LogSink } from './sink.ts';

export type { Logger } from 'pino';

/** Keys whose values never reach a log, at any depth a log line of ours has. */
const secret = [
  'token',
  'password',
  'adminPass',
  'secret',
  'original_password',
  'private_key',
  'x-auth-token',
  'x-subject-token',
];

/** How logs are written. */
export interface LogOptions {
  /** Shown on every line: `control`, `agent`. */
  name: string;
  level: string;
  /** Absolute path of the file; standard output when left out. */
  file?: string;
}

/** A structured JSON log. Lines are gathered and written at most a second later; an error is written at once. */
export function openLog(options: LogOptions): Logger {
  const paths = secret.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]);
  const destination = new LogSink(options.file ? openSync(options.file, 'a', 0o600) : 1);
  const log = pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name, pid: process.pid },
      redact: { paths, censor: '(redacted)' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: {
        logMethod(args, method, level) {
          method.apply(this, args);
          if (level >= 50) destination.flush();
        },
      },
    },
    destination,
  );
  return log;
}

/** A log that says nothing, for tests. */
export const silentLog = (): Logger => pino({ level: 'silent' });
