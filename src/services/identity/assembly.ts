import type { IdentityContract } from '#contracts/identity.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { identityContract } from './contract.ts';
import { pruneRevocations } from './loops/prune-revocations.ts';
import { rotateKeys } from './loops/rotate-keys.ts';
import { Identity, type IdentityParts } from './service.ts';

/** Identity put together. */
export interface AssembledIdentity {
  readonly service: Identity;
  readonly contract: IdentityContract;
  readonly loops: readonly Loop[];
}

/** Makes Identity with its loops and what the other services may ask of it. */
export function assembleIdentity(parts: IdentityParts): AssembledIdentity {
  const service = new Identity(parts);
  const { clock, options } = parts;
  const { tokens, projects, tokenKeys, revocationEvents, tokenLifetime, allowExpiredWindow } = service;
  return {
    service,
    contract: identityContract(tokens, projects),
    loops: [
      rotateKeys(tokenKeys, clock, options.key_rotation_hours * 3_600_000),
      pruneRevocations(revocationEvents, clock, tokenLifetime + allowExpiredWindow),
    ],
  };
}
