import { compute } from './points/compute.ts';
import { guests } from './points/guests.ts';
import { identity } from './points/identity.ts';
import { image } from './points/image.ts';
import { network } from './points/network.ts';
import { placement } from './points/placement.ts';
import type { Points } from './service-points.ts';

/** The points of each kind of cloud by name, in the order they are measured. */
export const points: Readonly<Record<'sim' | 'real', Readonly<Record<string, Points>>>> = {
  sim: { identity, placement, image, network, compute },
  real: { guests },
};
