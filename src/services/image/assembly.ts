import type { ControlHandlers } from '#contracts/agent.ts';
import type { ImageContract } from '#contracts/image.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { imageBusHandlers, ImageForServices } from './contract.ts';
import { sweepLoop } from './files/sweep.ts';
import { importSaga } from './imports/import.saga.ts';
import { Image, type ImageParts } from './service.ts';
import { expiredTasksLoop } from './tasks/expiry.ts';

/** Image put together. */
export interface AssembledImage {
  readonly service: Image;
  readonly contract: ImageContract;
  readonly loops: readonly Loop[];
  /** What agents may call. */
  readonly busHandlers: Partial<ControlHandlers>;
}

/** Makes Image with its saga, its loops and what others may ask of it. */
export function assembleImage(parts: ImageParts): AssembledImage {
  const service = new Image(parts);
  const { files, images, tasks, transfers } = service;
  const contract = new ImageForServices(service);
  parts.sagas.register(importSaga, service);
  return {
    service,
    contract,
    loops: [transfers.loop, sweepLoop(files, images, parts.clock), expiredTasksLoop(tasks)],
    busHandlers: imageBusHandlers(contract),
  };
}
