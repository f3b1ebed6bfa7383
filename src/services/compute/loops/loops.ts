import type { Loop } from '#kit/loop/loops.ts';

import type { Compute } from '../service.ts';
import { purgeLoop, resizeConfirmLoop, shelveOffloadLoop } from './expiry.ts';
import { OrphanLoop } from './orphans.ts';
import type { PowerStates } from './power-states.ts';

/** What keeps servers as they should be without anybody asking. */
export const serverLoops = (service: Compute, powerStates: PowerStates): Loop[] => [
  powerStates.loop,
  new OrphanLoop(service),
  resizeConfirmLoop(service),
  shelveOffloadLoop(service),
  purgeLoop(service),
];
