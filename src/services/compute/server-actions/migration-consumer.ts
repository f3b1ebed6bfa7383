import { createHash } from 'node:crypto';

/**
 * The consumer in Placement that holds what a server had before a resize, until that is confirmed or reverted: a UUID of
 * its own, always the same for one server.
 */
export function migrationConsumerOf(serverId: string): string {
  const hex = createHash('sha256').update(`migration of ${serverId}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
