import type { Logger } from '#kit/log/log.ts';

import type { Capabilities } from './capabilities.ts';
import type { Cgroups } from './cgroups.ts';
import type { GuestUser } from './guest-user.ts';
import type { QemuOptions } from './options.ts';

/** What every operation on a guest of this host works with. */
export interface QemuHost {
  /** Absolute path of the directory with a directory for each guest. */
  readonly guests: string;
  readonly user: GuestUser | undefined;
  /** The group that may connect to consoles, besides the guest user itself. */
  readonly consoleGid: number | undefined;
  readonly options: QemuOptions;
  readonly capabilities: Capabilities;
  readonly cgroups: Cgroups;
  readonly log: Logger;
}
