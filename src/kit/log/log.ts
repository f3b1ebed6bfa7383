import { openSync } from 'node:fs';

import { pino, type Logger } from 'pino';

import { withoutSecrets } from './redact.ts';
import { LogSink } from './sink.ts';

export type { Logger } from 'pino';

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
  const destination = new LogSink(options.file ? openSync(options.file, 'a', 0o600) : 1);
  const log = pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name, pid: process.pid },
      formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
      // an error becomes a plain object first: its own fields may hold secrets as well
      serializers: { err: (error: Error) => withoutSecrets(pino.stdSerializers.err(error)) },
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
