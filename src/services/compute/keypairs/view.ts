import { isoMicrosNaive } from '#kit/clock/clock.ts';
import type { Version } from '#kit/http/microversion.ts';

import type { Keypair } from './store.ts';

interface Viewer {
  atLeast(version: Version): boolean;
}

/** A key pair as lists show it. */
export const viewKeypairBriefly = (keypair: Keypair, viewer: Viewer) => ({
  name: keypair.name,
  public_key: keypair.publicKey,
  fingerprint: keypair.fingerprint,
  ...(viewer.atLeast('2.2') && { type: keypair.type }),
});

/** A key pair just made; the private key is shown this once and kept nowhere. */
export const viewNewKeypair = (keypair: Keypair, privateKey: string | undefined, viewer: Viewer) => ({
  ...viewKeypairBriefly(keypair, viewer),
  user_id: keypair.userId,
  ...(privateKey !== undefined && { private_key: privateKey }),
});

/** A key pair with everything about it. Key pairs are never changed, and deleted ones are gone. */
export const viewKeypair = (keypair: Keypair, viewer: Viewer) => ({
  ...viewKeypairBriefly(keypair, viewer),
  id: keypair.id,
  user_id: keypair.userId,
  created_at: isoMicrosNaive(keypair.createdAt),
  updated_at: null,
  deleted: false,
  deleted_at: null,
});
