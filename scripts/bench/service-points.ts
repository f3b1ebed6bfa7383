import type { BenchCloud } from './cloud.ts';
import type { Bench } from './measure.ts';

/** A service's points: makes what it needs, measures, and removes what it made. */
export type Points = (cloud: BenchCloud, bench: Bench) => Promise<void>;
