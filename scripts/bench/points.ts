import type { BenchCloud } from './cloud.ts';
import type { Bench } from './measure.ts';
import { compute } from './points/compute.ts';
import { identity } from './points/identity.ts';
import { image } from './points/image.ts';
import { network } from './points/network.ts';
import { placement } from './points/placement.ts';

/** A service's points: makes what it needs, measures, and removes what it made. */
export type Points = (cloud: BenchCloud, bench: Bench) => Promise<void>;

/** Every service's points, in the order they are measured. */
export const points: Readonly<Record<string, Points>> = { identity, placement, image, network, compute };
