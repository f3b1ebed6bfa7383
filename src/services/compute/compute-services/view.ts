import { isoMicrosNaive } from '#kit/clock/clock.ts';
import type { Version } from '#kit/http/microversion.ts';

import type { Presence } from './presence.ts';
import type { Service } from './store.ts';

/** A service as the API shows it. `zone` is the availability zone of its host. */
export const viewService = (
  service: Service,
  zone: string,
  presence: Presence,
  viewer: { atLeast(version: Version): boolean },
) => ({
  id: viewer.atLeast('2.53') ? service.uuid : service.id,
  binary: service.binary,
  host: service.host,
  zone,
  status: service.disabled ? 'disabled' : 'enabled',
  state: presence.isUp(service) ? 'up' : 'down',
  updated_at: isoMicrosNaive(presence.lastSeen(service)),
  disabled_reason: service.disabledReason,
  ...(viewer.atLeast('2.11') && { forced_down: service.forcedDown }),
});
