import { msOf } from '../expiry.ts';
import type { Trust, TrustStore } from './store.ts';

/** A trust whose time is not over; undefined without one. */
export async function livingTrust(trusts: TrustStore, id: string, now: number): Promise<Trust | undefined> {
  const trust = await trusts.find(id);
  return trust && now < msOf(trust.expiresAtMicros) ? trust : undefined;
}
