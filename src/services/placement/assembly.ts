import type { PlacementContract } from '#contracts/placement.ts';

import { PlacementForServices } from './contract.ts';
import { Placement, type PlacementParts } from './service.ts';

/** Placement put together. */
export interface AssembledPlacement {
  readonly service: Placement;
  readonly contract: PlacementContract;
}

/** Makes Placement with what the other services may ask of it. */
export function assemblePlacement(parts: PlacementParts): AssembledPlacement {
  const service = new Placement(parts);
  return { service, contract: new PlacementForServices(service) };
}
