/** What a point took another cloud: milliseconds, and times a second. */
export interface PeerFigure {
  readonly p50?: number;
  readonly perSecond?: number;
  /** CPU milliseconds of all its processes, for each request. */
  readonly cpu?: number;
}

/**
 * OpenStack Zed of Debian 12 as one would run it (uwsgi with two workers a service, MariaDB, RabbitMQ, memcached, ML2), Nova
 * with its fake driver, on a machine with two cores and 24 GiB, measured in November 2026. Times differ between machines;
 * CPU for each request is what may be compared.
 */
export const peer: Readonly<Record<string, PeerFigure>> = {
  // Keystone hashes the password each time
  'identity: issue a token, first time, c1': { p50: 182, perSecond: 5.4, cpu: 184 },
  'identity: issue a token, first time, c8': { p50: 725, perSecond: 10.4, cpu: 184 },
  'identity: issue a token, again, c1': { p50: 182, perSecond: 5.4, cpu: 184 },
  'identity: issue a token, again, c8': { p50: 725, perSecond: 10.4, cpu: 184 },
  'identity: validate a token, c1': { p50: 7.8, perSecond: 123, cpu: 8.1 },
  'identity: validate a token, c8': { p50: 43.6, perSecond: 180, cpu: 8.4 },
  'identity: catalog, c1': { p50: 3.7, perSecond: 267, cpu: 3.7 },
  'identity: catalog, c8': { p50: 23.6, perSecond: 346, cpu: 4.6 },
  'placement: candidates of 10, c1': { p50: 12.8, perSecond: 69, cpu: 14.5 },
  'placement: candidates of 100, c1': { p50: 21.8, perSecond: 41, cpu: 24 },
  'image: list of 10, c8': { p50: 21.6, perSecond: 250, cpu: 5.7 },
  'image: upload 512 MB, in MB': { perSecond: 341 },
  'image: download 512 MB, in MB': { perSecond: 2278 },
  'network: ports list, few, c8': { p50: 23.7, perSecond: 306, cpu: 6.5 },
  'network: port create, c1': { p50: 120, perSecond: 7.7, cpu: 136 },
  'network: port create, c8': { p50: 804, perSecond: 9.7, cpu: 156 },
  'network: ports list, 1000, c1': { p50: 441, perSecond: 2.4, cpu: 420 },
  'network: port show, c8': { p50: 44.8, perSecond: 158, cpu: 12 },
  'network: port delete, c8': { p50: 501, perSecond: 15, cpu: 129 },
  'network: network create, c1': { p50: 67, cpu: 99 },
  'network: network and subnet': { p50: 161, cpu: 198 },
  'compute: flavors detail, c8': { p50: 16.2, perSecond: 477, cpu: 4 },
  'compute: servers detail, none, c8': { p50: 41, perSecond: 185, cpu: 10.5 },
  'compute: servers detail, 100, c1': { p50: 158, perSecond: 5.1, cpu: 196 },
  'compute: servers detail, 1000, c1': { p50: 1576, perSecond: 0.57, cpu: 1683 },
  'compute: servers brief, 100, c8': { p50: 186, perSecond: 36, cpu: 53 },
  'compute: servers brief, 1000, c8': { p50: 1480, perSecond: 4.5, cpu: 370 },
  'compute: server show, c8': { p50: 169, perSecond: 44, cpu: 41 },
  'compute: create, the call, c1': { p50: 160 },
  'compute: create to ACTIVE, c1': { p50: 1194, cpu: 2146 },
  'compute: delete to gone, c1': { p50: 348, perSecond: 2, cpu: 543 },
  'compute: 50 at once to ACTIVE': { p50: 33_000, perSecond: 1.5, cpu: 1290 },
  'start: cold, until every API answers': { p50: 21_000, cpu: 37_000 },
};

/** Memory of the peer's 38 processes after a start and after all of this, in MB (PSS). */
export const peerMemory = { fresh: 2460, used: 3340 };
