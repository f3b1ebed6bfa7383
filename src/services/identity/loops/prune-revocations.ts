import type { Clock } from '#kit/clock/clock.ts';
import type { Loop } from '#kit/loop/loops.ts';

import type { RevocationStore } from '../revocations/store.ts';

const hour = 3_600_000;

/** Forgets revocation events no living token can match. `longestLife` is how long any token is accepted, in milliseconds. */
export const pruneRevocations = (store: RevocationStore, clock: Clock, longestLife: number): Loop => ({
  name: 'identity.prune-revocations',
  everyMs: hour,
  run: () => store.prune(clock.now() - longestLife - hour),
});
