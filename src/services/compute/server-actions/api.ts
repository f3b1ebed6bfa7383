import { adminActions } from './admin.ts';
import { consoleActions } from './console-output.ts';
import { fixedIpActions } from './fixed-ips.ts';
import { lockActions } from './lock.ts';
import { networkingActions } from './networking.ts';
import { powerActions } from './power.ts';
import { rebuildActions } from './rebuild.ts';
import { rescueActions } from './rescue.ts';
import { resizeActions } from './resize.ts';
import { shelveActions } from './shelve.ts';
import { snapshotActions } from './snapshot.ts';

/** Everything that can be done to a server by `POST /servers/{server_id}/action`, but for consoles. */
export const serverActionEndpoints = [
  ...powerActions,
  ...resizeActions,
  ...rebuildActions,
  ...rescueActions,
  ...shelveActions,
  ...snapshotActions,
  ...lockActions,
  ...networkingActions,
  ...fixedIpActions,
  ...consoleActions,
  ...adminActions,
];
