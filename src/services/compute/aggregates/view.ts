import { isoMicrosNaive } from '#kit/clock/clock.ts';
import type { Version } from '#kit/http/microversion.ts';

import type { Aggregate } from './store.ts';
import { zoneKey } from './zones.ts';

interface Viewer {
  atLeast(version: Version): boolean;
}

/** An aggregate just made: without the hosts and metadata it cannot have yet. */
export const viewNewAggregate = (aggregate: Aggregate, viewer: Viewer) => ({
  id: aggregate.id,
  ...(viewer.atLeast('2.41') && { uuid: aggregate.uuid }),
  name: aggregate.name,
  availability_zone: aggregate.metadata[zoneKey] ?? null,
  created_at: isoMicrosNaive(aggregate.createdAt),
  updated_at: aggregate.updatedAt === null ? null : isoMicrosNaive(aggregate.updatedAt),
  // deleted aggregates are gone
  deleted: false,
  deleted_at: null,
});

/** An aggregate with everything about it. */
export const viewAggregate = (aggregate: Aggregate, viewer: Viewer) => ({
  ...viewNewAggregate(aggregate, viewer),
  hosts: aggregate.hosts,
  metadata: aggregate.metadata,
});
