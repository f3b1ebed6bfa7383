import { conflict } from '#kit/errors/cloud-error.ts';

import type { Server, TaskState, VmState } from './server.ts';

/** What may be done to a server when, and what it looks like meanwhile. The one place that says so. */
export interface Rule {
  /** The action in the words of a refusal: "Cannot 'pause' instance …". */
  readonly word: string;
  /** The name in `os-instance-actions`. */
  readonly record: string;
  /** The vm states it may start from; null: any. */
  readonly from: readonly VmState[] | null;
  /** The task states it may start from; null: any. */
  readonly during: readonly (TaskState | null)[] | null;
  /** The task state while it runs; null when it does not show. */
  readonly task: TaskState | null;
  /** Whether a server that was never active is refused. */
  readonly launched: boolean;
  /** Whether a lock keeps everybody but administrators from it. */
  readonly heedsLock: boolean;
  /** Whether the server must be on a host, which is looked at before its state. */
  readonly placed: boolean;
}

const rule = (
  word: string,
  from: readonly VmState[] | null,
  task: TaskState | null,
  more: Partial<Rule> = {},
): Rule => ({
  word,
  record: word,
  from,
  during: [null],
  task,
  launched: true,
  heedsLock: true,
  placed: false,
  ...more,
});

const snapshotable: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended'];
const duringReboot: readonly (TaskState | null)[] = [
  null,
  'rebooting',
  'reboot_pending',
  'reboot_started',
  'rebooting_hard',
  'resuming',
  'unpausing',
  'pausing',
  'suspending',
];

/** The state rules of nova/compute/api.py, by action. */
export const rules = {
  start: rule('start', ['stopped'], 'powering-on', { placed: true }),
  stop: rule('stop', ['active', 'error'], 'powering-off', { placed: true }),
  softReboot: rule('reboot', ['active'], 'rebooting'),
  hardReboot: rule('reboot', ['active', 'stopped', 'paused', 'suspended', 'error'], 'rebooting_hard', {
    during: duringReboot,
  }),
  pause: rule('pause', ['active'], 'pausing'),
  unpause: rule('unpause', ['paused'], 'unpausing'),
  suspend: rule('suspend', ['active'], 'suspending'),
  resume: rule('resume', ['suspended'], 'resuming'),
  rescue: rule('rescue', ['active', 'stopped', 'error'], 'rescuing'),
  unrescue: rule('unrescue', ['rescued'], 'unrescuing'),
  rebuild: rule('rebuild', ['active', 'stopped', 'error'], 'rebuilding'),
  resize: rule('resize', ['active', 'stopped'], 'resize_prep'),
  confirmResize: rule('confirmResize', ['resized'], 'resize_confirming'),
  revertResize: rule('revertResize', ['resized'], 'resize_reverting'),
  shelve: rule('shelve', snapshotable, 'shelving'),
  shelveOffload: rule('shelveOffload', ['shelved'], 'shelving_offloading'),
  unshelve: rule('unshelve', ['shelved', 'shelved_offloaded'], 'unshelving'),
  createImage: rule('createImage', snapshotable, 'image_snapshot_pending', { heedsLock: false }),
  createBackup: rule('createBackup', snapshotable, 'image_backup', { heedsLock: false }),
  attachInterface: rule('attach_interface', ['active', 'paused', 'stopped'], null),
  detachInterface: rule('detach_interface', ['active', 'paused', 'stopped'], null),
  changePassword: rule('changePassword', ['active'], null),
  crashDump: rule('trigger_crash_dump', ['active', 'paused', 'rescued', 'resized', 'error'], null, {
    placed: true,
  }),
  injectNetworkInfo: rule('inject_network_info', null, null, { during: null, launched: false }),
  fixedIps: rule('fixed_ips', null, null, { during: null, launched: false, placed: true }),
  delete: rule('delete', null, 'deleting', { during: null, launched: false }),
  forceDelete: rule('forceDelete', null, 'deleting', { during: null, launched: false, record: 'delete' }),
  // nothing comes into this state by itself: there is no deferred deletion
  restore: rule('restore', ['soft-delete'], null),
  metadata: rule('update metadata', ['active', 'paused', 'suspended', 'stopped'], null, { during: null }),
  deleteMetadata: rule('delete metadata', ['active', 'paused', 'suspended', 'stopped'], null, {
    during: null,
  }),
} as const satisfies Record<string, Rule>;

/** What can be done to a server, by the names of {@link rules}. */
export type Action = keyof typeof rules;

/** Throws `conflict`, in Nova's words, unless the server's state lets the action start. The lock is looked at first. */
export function checkRule(server: Server, rule: Rule, options: { admin: boolean }): void {
  if (rule.heedsLock && server.locked && !options.admin) throw conflict(`Instance ${server.id} is locked`);
  if (rule.placed && server.host === null) throw conflict(`Instance ${server.id} is not ready`);
  const refuse = (attribute: string, state: string) =>
    conflict(`Cannot '${rule.word}' instance ${server.id} while it is in ${attribute} ${state}`);
  if (rule.from !== null && !rule.from.includes(server.vmState)) throw refuse('vm_state', server.vmState);
  if (rule.during !== null && !rule.during.includes(server.taskState))
    throw refuse('task_state', server.taskState ?? 'None');
  if (rule.launched && server.launchedAt === null)
    throw conflict(`Instance ${server.id} is in an invalid state for '${rule.word}'`);
}

type StatusByTask = Readonly<Partial<Record<TaskState | 'default', string>>> & { readonly default: string };

const resizing = {
  resize_prep: 'RESIZE',
  resize_migrating: 'RESIZE',
  resize_migrated: 'RESIZE',
  resize_finish: 'RESIZE',
};
const rebuilding = {
  rebuilding: 'REBUILD',
  rebuild_block_device_mapping: 'REBUILD',
  rebuild_spawning: 'REBUILD',
};

/** nova/api/openstack/common.py: what `status` says of the two states. */
const statuses: Readonly<Record<VmState, StatusByTask>> = {
  active: {
    default: 'ACTIVE',
    rebooting: 'REBOOT',
    reboot_pending: 'REBOOT',
    reboot_started: 'REBOOT',
    rebooting_hard: 'HARD_REBOOT',
    reboot_pending_hard: 'HARD_REBOOT',
    reboot_started_hard: 'HARD_REBOOT',
    updating_password: 'PASSWORD',
    ...rebuilding,
    ...resizing,
  },
  building: { default: 'BUILD' },
  stopped: { default: 'SHUTOFF', ...resizing, ...rebuilding },
  resized: { default: 'VERIFY_RESIZE', resize_reverting: 'REVERT_RESIZE' },
  paused: { default: 'PAUSED' },
  suspended: { default: 'SUSPENDED' },
  rescued: { default: 'RESCUE' },
  error: { default: 'ERROR', ...rebuilding },
  deleted: { default: 'DELETED' },
  'soft-delete': { default: 'SOFT_DELETED' },
  shelved: { default: 'SHELVED' },
  shelved_offloaded: { default: 'SHELVED_OFFLOADED' },
};

/** The `status` of a server on the wire. */
export function statusOf(server: Pick<Server, 'vmState' | 'taskState' | 'deletedAt'>): string {
  if (server.deletedAt !== null) return 'DELETED';
  const byTask = statuses[server.vmState];
  return (server.taskState && byTask[server.taskState]) || byTask.default;
}

/** The vm and task states that show as any of these statuses (in any case); `default` among the tasks means any task. */
export function statesOfStatuses(wanted: readonly string[]): {
  vmStates: VmState[];
  taskStates: (TaskState | 'default')[];
} {
  const lower = new Set(wanted.map((status) => status.toLowerCase()));
  const vmStates = new Set<VmState>();
  const taskStates = new Set<TaskState | 'default'>();
  for (const [vmState, byTask] of Object.entries(statuses)) {
    for (const [taskState, status] of Object.entries(byTask)) {
      if (!lower.has(status.toLowerCase())) continue;
      vmStates.add(vmState as VmState);
      taskStates.add(taskState as TaskState | 'default');
    }
  }
  return { vmStates: [...vmStates].sort(), taskStates: [...taskStates].sort() };
}
