import { readFileSync } from 'node:fs';

import type { EngineAddresses, Layout } from '#contracts/machine.ts';

/** Where the engine is reached; the supervisor has said so before it started whoever asks. */
export const readEngine = (layout: Layout): EngineAddresses =>
  JSON.parse(readFileSync(layout.engine, 'utf8')) as EngineAddresses;
