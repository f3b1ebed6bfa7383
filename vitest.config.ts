import { defineConfig } from 'vitest/config';

/** What starts real guests: it runs in a network namespace of its own. */
const guests = ['src/drivers/virt/contract.test.ts', 'src/drivers/virt/qemu/{full-disk,guests,killed,leftovers}.test.ts'];

/** Gives tests one PostgreSQL server together. */
const globalSetup = 'test/support/postgres-run.ts';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], exclude: guests, globalSetup, testTimeout: 20_000 } },
      { test: { name: 'guests', include: guests, testTimeout: 300_000, hookTimeout: 120_000 } },
      { test: { name: 'api', include: ['test/{api,authz,cli}/**/*.test.ts'], globalSetup, testTimeout: 60_000 } },
      { test: { name: 'faults', include: ['test/faults/*.test.ts'], globalSetup, testTimeout: 300_000 } },
      {
        test: {
          name: 'cloud-faults',
          include: ['test/faults/cloud/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          bail: 1,
          // each runs a cloud on the standard ports
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          bail: 1,
        },
      },
    ],
    pool: 'forks',
    maxWorkers: 2,
  },
});
