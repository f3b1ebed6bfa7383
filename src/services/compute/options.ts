import { number } from '#kit/config/options.ts';

/** The `[compute]` section of the configuration file. */
export const computeOptions = {
  cpu_allocation_ratio: number(4, 'Virtual CPUs promised per physical one.', { min: 0.1 }),
  ram_allocation_ratio: number(1, 'Memory promised per physical byte.', { min: 0.1 }),
  disk_allocation_ratio: number(1, 'Disk promised per physical byte.', { min: 0.1 }),
} as const;
