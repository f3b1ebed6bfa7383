import type { Clock } from '#kit/clock/clock.ts';
import type { Loop } from '#kit/loop/loops.ts';

import type { KeyRepository } from '../tokens/keys.ts';

const minute = 60_000;

/** Rotates the Fernet keys when they are older than `intervalMs`; 0 never does. Otherwise takes up what others rotated. */
export const rotateKeys = (keys: KeyRepository, clock: Clock, intervalMs: number): Loop => ({
  name: 'identity.rotate-keys',
  everyMs: minute,
  run: async () => {
    if (intervalMs > 0 && clock.now() - keys.rotatedAt >= intervalMs) keys.rotate();
    else keys.reload();
  },
});
