import { compute } from './points/compute.ts';
import { identity } from './points/identity.ts';
import { image } from './points/image.ts';
import { network } from './points/network.ts';
import { placement } from './points/placement.ts';
import type { Points } from './service-points.ts';

/** Every service's points, in the order they are measured. */
export const points: Readonly<Record<string, Points>> = { identity, placement, image, network, compute };
