import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';

import type { Trust, TrustStore } from './store.ts';

/** How often a trust may be handed on at most: Keystone's default. */
export const mostRedelegations = 3;

// Keystone does not say why
const refused = () => forbidden('You are not authorized to perform the requested action.');

/** What a new trust says about being handed on. */
export interface Wish {
  readonly allow_redelegation?: boolean | null | undefined;
  readonly redelegation_count?: number | null | undefined;
  readonly remaining_uses?: number | null | undefined;
}

/**
 * How often a new trust may be handed on; `parent` is the trust it is made from. Throws `forbidden` when that is not
 * as often as is wished, `badRequest` for a limit of uses besides.
 */
export function redelegationCount(wish: Wish, parent: Trust | undefined): number {
  const { redelegation_count: wanted } = wish;
  if (!wish.allow_redelegation || wanted === 0) return 0;
  if (wanted && wanted > mostRedelegations) throw refused();
  if (wish.remaining_uses != null)
    throw badRequest('remaining_uses must not be set if redelegation is allowed');
  if (!parent) return wanted ?? mostRedelegations;
  const left = parent.redelegationCount - 1;
  if (wanted && wanted !== left) throw refused();
  return left;
}

/**
 * Throws `forbidden` for a trust that goes further than the one it is made from, in roles, time, uses or
 * impersonation.
 */
export function refuseBeyond(parent: Trust, trust: Trust): void {
  const { redelegationCount: depth, expiresAtMicros: end } = parent;
  const later = end !== null && (trust.expiresAtMicros === null || trust.expiresAtMicros > end);
  if (
    depth <= 0 ||
    depth > mostRedelegations ||
    trust.remainingUses !== null ||
    later ||
    trust.roleIds.some((id) => !parent.roleIds.includes(id)) ||
    (trust.impersonation && !parent.impersonation)
  )
    throw refused();
}

/** A trust and those it was made from, itself first. */
export async function pedigreeOf(trusts: TrustStore, trust: Trust): Promise<Trust[]> {
  const line = [trust];
  // no longer than redelegation allows, whatever the rows say
  while (line.length <= mostRedelegations + 1) {
    const above = line.at(-1)!.redelegatedTrustId;
    const parent = above === null ? undefined : await trusts.find(above);
    if (!parent) break;
    line.push(parent);
  }
  return line;
}
