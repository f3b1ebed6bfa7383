import type { Call } from '#kit/http/endpoint.ts';

import type { Network } from '../service.ts';

/** A request to Network, whatever its endpoint. */
export type NetworkCall = Call<Network, unknown, unknown, unknown>;
