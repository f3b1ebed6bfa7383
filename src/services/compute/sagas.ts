import type { SagaEngine } from '#kit/saga/engine.ts';

import { createSaga } from './servers/create.saga.ts';
import { deleteSaga } from './servers/delete.saga.ts';
import type { Compute } from './service.ts';

/** Makes every long operation of Compute known to the engine. */
export function registerSagas(engine: SagaEngine, compute: Compute): void {
  engine.register(createSaga, compute);
  engine.register(deleteSaga, compute);
}
