import type { Layout } from '#contracts/machine.ts';

import type { CloudClient } from '../cloud/client.ts';

/** What the demo is made with. */
export interface DemoParts {
  readonly layout: Layout;
  readonly client: CloudClient;
  /** Absolute path of the program's own directory. */
  readonly root: string;
  readonly demoPassword: string;
  /** Whether guests are simulated: then the image is an empty disk. */
  readonly sim: boolean;
}
