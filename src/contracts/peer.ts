import type { Ask } from '#kit/http/server.ts';

/**
 * Another service's own API, asked in the name of a caller: what Compute's old proxies stand before. Whatever that
 * service allows, refuses and counts for the caller holds through the proxy too.
 */
export interface PeerApi {
  /** Where clients reach it, without a slash at the end. */
  readonly url: string;
  readonly ask: Ask;
}
