import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { stopPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Absolute path of the directory that the PostgreSQL server of this run lies in, once somebody needs it. */
    readonly postgres: string;
  }
}

/** Gives the test files of a run one PostgreSQL server together: starting one takes longer than most of them. */
export default function setup({ provide }: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-pg-'));
  chmodSync(directory, 0o755);
  provide('postgres', directory);
  return () => {
    stopPostgres(directory);
    rmSync(directory, { recursive: true, force: true });
  };
}
