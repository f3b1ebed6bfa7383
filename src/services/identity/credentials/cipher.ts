import type { Clock } from '#kit/clock/clock.ts';

import type { KeyRepository } from '../tokens/keys.ts';
import type { Cipher } from './store.ts';

/** Encrypts as Keystone's credential provider does: Fernet, with a key repository of its own. */
export const fernetCipher = (keys: KeyRepository, clock: Clock): Cipher => ({
  encrypt: (text) => keys.seal(Buffer.from(text, 'utf8'), Math.floor(clock.now() / 1000)),
  decrypt: (text) => {
    const opened = keys.unseal(text);
    if (!opened) throw new Error('a credential cannot be decrypted with any key there is');
    return opened.payload.toString('utf8');
  },
});
