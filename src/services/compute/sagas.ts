import type { SagaEngine } from '#kit/saga/engine.ts';

import { cacheImagesSaga } from './aggregates/cache-images.saga.ts';
import { attachInterfaceSaga, detachInterfaceSaga } from './interfaces/interface.saga.ts';
import {
  crashDumpSaga,
  hardRebootSaga,
  pauseSaga,
  resumeSaga,
  softRebootSaga,
  startSaga,
  stopSaga,
  suspendSaga,
  unpauseSaga,
} from './server-actions/power.saga.ts';
import { rebuildSaga } from './server-actions/rebuild.saga.ts';
import { rescueSaga, unrescueSaga } from './server-actions/rescue.saga.ts';
import { confirmResizeSaga, resizeSaga, revertResizeSaga } from './server-actions/resize.saga.ts';
import { offloadSaga, shelveSaga, unshelveHereSaga, unshelveSaga } from './server-actions/shelve.saga.ts';
import { backupSaga, snapshotSaga } from './server-actions/snapshot.saga.ts';
import { createSaga } from './servers/create.saga.ts';
import { deleteSaga } from './servers/delete.saga.ts';
import type { Compute } from './service.ts';

/** Makes every long operation of Compute known to the engine. */
export function registerSagas(engine: SagaEngine, compute: Compute): void {
  engine.register(createSaga, compute);
  engine.register(deleteSaga, compute);
  engine.register(startSaga, compute);
  engine.register(stopSaga, compute);
  engine.register(pauseSaga, compute);
  engine.register(unpauseSaga, compute);
  engine.register(suspendSaga, compute);
  engine.register(resumeSaga, compute);
  engine.register(softRebootSaga, compute);
  engine.register(hardRebootSaga, compute);
  engine.register(crashDumpSaga, compute);
  engine.register(rebuildSaga, compute);
  engine.register(rescueSaga, compute);
  engine.register(unrescueSaga, compute);
  engine.register(resizeSaga, compute);
  engine.register(confirmResizeSaga, compute);
  engine.register(revertResizeSaga, compute);
  engine.register(shelveSaga, compute);
  engine.register(offloadSaga, compute);
  engine.register(unshelveSaga, compute);
  engine.register(unshelveHereSaga, compute);
  engine.register(snapshotSaga, compute);
  engine.register(backupSaga, compute);
  engine.register(attachInterfaceSaga, compute);
  engine.register(detachInterfaceSaga, compute);
  engine.register(cacheImagesSaga, compute);
}
