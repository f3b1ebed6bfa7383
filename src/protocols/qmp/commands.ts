/** QEMU's run states that anybody here tells apart; there are more. */
export type RunState =
  | 'running'
  | 'paused'
  | 'prelaunch'
  | 'inmigrate'
  | 'postmigrate'
  | 'finish-migrate'
  | 'save-vm'
  | 'restore-vm'
  | 'shutdown'
  | 'io-error'
  | 'internal-error'
  | 'guest-panicked'
  | 'watchdog'
  | 'suspended'
  | 'debug'
  | 'colo';

/** Options of a block node, as `-blockdev` and `blockdev-add` take them. */
export interface BlockNode {
  readonly driver: string;
  readonly 'node-name': string;
  readonly 'read-only'?: boolean;
  readonly [option: string]: unknown;
}

/** A job that goes on in the background, from `query-jobs`. Progress is in units of its own. */
export interface JobInfo {
  readonly id: string;
  readonly status: string;
  readonly 'current-progress': number;
  readonly 'total-progress': number;
  readonly error?: string;
}

/** What a disk has carried since the guest began, from `query-blockstats`. */
export interface BlockStats {
  readonly 'node-name'?: string;
  readonly qdev?: string;
  readonly stats: {
    readonly rd_bytes: number;
    readonly rd_operations: number;
    readonly wr_bytes: number;
    readonly wr_operations: number;
    readonly failed_rd_operations: number;
    readonly failed_wr_operations: number;
  };
}

interface Row<Args, Result> {
  readonly args: Args;
  readonly result: Result;
}
type None = undefined;
type Unit = Readonly<Record<string, never>>;

/** The QMP commands we use, with what they take and answer (QEMU's `qapi/*.json`, 6.2 and later). */
export interface QmpCommands {
  qmp_capabilities: Row<None, Unit>;
  'query-status': Row<None, { readonly status: RunState; readonly running: boolean }>;
  'query-machines': Row<None, readonly { readonly name: string; readonly alias?: string }[]>;
  'qom-list-types': Row<{ implements: string }, readonly { readonly name: string }[]>;
  'qom-list': Row<{ path: string }, readonly { readonly name: string; readonly type: string }[]>;
  'query-cpu-model-expansion': Row<
    { type: 'full'; model: { name: string } },
    { readonly model: { readonly name: string; readonly props: Readonly<Record<string, unknown>> } }
  >;
  'query-cpus-fast': Row<None, readonly { readonly 'cpu-index': number; readonly 'thread-id': number }[]>;
  'query-blockstats': Row<None, readonly BlockStats[]>;
  'query-named-block-nodes': Row<{ flat: true }, readonly { readonly 'node-name': string }[]>;
  'query-jobs': Row<None, readonly JobInfo[]>;
  'query-migrate': Row<None, { readonly status?: string; readonly 'error-desc'?: string }>;
  stop: Row<None, Unit>;
  cont: Row<None, Unit>;
  quit: Row<None, Unit>;
  system_powerdown: Row<None, Unit>;
  system_reset: Row<None, Unit>;
  'inject-nmi': Row<None, Unit>;
  'set-action': Row<{ shutdown: 'poweroff' | 'pause' }, Unit>;
  netdev_add: Row<{ type: string; id: string; [option: string]: unknown }, Unit>;
  netdev_del: Row<{ id: string }, Unit>;
  device_add: Row<{ driver: string; id: string; [property: string]: unknown }, Unit>;
  device_del: Row<{ id: string }, Unit>;
  'blockdev-add': Row<BlockNode, Unit>;
  'blockdev-del': Row<{ 'node-name': string }, Unit>;
  'blockdev-backup': Row<
    {
      'job-id': string;
      device: string;
      target: string;
      sync: 'full';
      compress: boolean;
      'auto-dismiss': boolean;
    },
    Unit
  >;
  'job-cancel': Row<{ id: string }, Unit>;
  'job-dismiss': Row<{ id: string }, Unit>;
  'migrate-set-parameters': Row<{ 'max-bandwidth': number }, Unit>;
  migrate: Row<{ uri: string }, Unit>;
  migrate_cancel: Row<None, Unit>;
}

/** The names of the commands that are used. */
export type QmpCommand = keyof QmpCommands;
