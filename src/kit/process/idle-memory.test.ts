import { expect, test } from 'vitest';

import { IdleMemory } from './idle-memory.ts';

/** A process that uses as much CPU between looks as the test says. */
function newProcess() {
  let used = 1500;
  let collected = 0;
  const memory = new IdleMemory({ cpuMs: () => used, collect: () => void collected++ });
  return (...milliseconds: number[]): number => {
    for (const spent of milliseconds) {
      used += spent;
      memory.look();
    }
    return collected;
  };
}

test('it collects once after the start, when that is over', () => {
  const look = newProcess();
  expect(look(900, 10)).toBe(0);
  expect(look(10)).toBe(1);
  expect(look(10, 10, 10, 10)).toBe(1);
});

test('it collects again after much work, and not while that goes on', () => {
  const look = newProcess();
  look(0, 0);
  expect(look(3000, 3000, 3000)).toBe(1);
  expect(look(0, 3000, 0)).toBe(1);
  expect(look(0)).toBe(2);
});

test('little work is nothing to collect after', () => {
  const look = newProcess();
  look(0, 0);
  expect(look(1000, 0, 0, 0)).toBe(1);
});
