import type { StepHistory } from '#kit/saga/journal.ts';

import type { ServerAction } from './store.ts';

/** Part of an action, as it is told under `events`. Times in milliseconds. */
export interface ServerEvent {
  readonly name: string;
  /** What went wrong; null when nothing did. */
  readonly error: string | null;
  readonly startedAt: number;
  readonly finishedAt: number;
}

type EventsOfStep = string | readonly string[] | null;

/**
 * The steps of sagas as Nova's events are named, by the action they belong to. Several steps may make one event, as one of
 * Nova's methods does what they do; a step that is only bookkeeping is null and does not show.
 */
const names: Readonly<Record<string, Readonly<Record<string, EventsOfStep>>>> = {
  create: {
    schedule: 'compute__do_build_and_run_instance',
    spawn: 'compute__do_build_and_run_instance',
  },
  delete: {
    cancelOthers: null,
    destroy: 'compute_terminate_instance',
    forget: 'compute_terminate_instance',
  },
  reboot: { cancelOthers: null, reboot: 'compute_reboot_instance' },
  resize: {
    claim: ['conductor_migrate_server', 'cold_migrate', 'compute_prep_resize'],
    stop: 'compute_resize_instance',
    resize: 'compute_resize_instance',
    finish: 'compute_finish_resize',
  },
  confirmResize: { confirm: 'compute_confirm_resize' },
  revertResize: {
    stop: 'compute_revert_resize',
    revert: 'compute_revert_resize',
    finish: 'compute_finish_revert_resize',
  },
  rebuild: {
    check: 'rebuild_server',
    stop: 'compute_rebuild_instance',
    rebuild: 'compute_rebuild_instance',
    start: 'compute_rebuild_instance',
  },
  rescue: { stop: 'compute_rescue_instance', rescue: 'compute_rescue_instance' },
  shelve: {
    image: 'compute_shelve_instance',
    stop: 'compute_shelve_instance',
    snapshot: 'compute_shelve_instance',
    shelve: 'compute_shelve_instance',
    destroy: 'compute_shelve_instance',
    release: 'compute_shelve_instance',
  },
  shelveOffload: {
    destroy: 'compute_shelve_offload_instance',
    release: 'compute_shelve_offload_instance',
  },
  unshelve: {
    begin: null,
    schedule: 'schedule_instances',
    spawn: 'compute_unshelve_instance',
    finish: 'compute_unshelve_instance',
  },
  createImage: { image: null, snapshot: 'compute_snapshot_instance' },
  createBackup: { image: null, snapshot: 'compute_backup_instance', rotate: 'compute_backup_instance' },
  trigger_crash_dump: { interrupt: 'compute_trigger_crash_dump' },
  attach_interface: { attach: 'compute_attach_interface' },
  detach_interface: { detach: 'compute_detach_interface' },
};

/** Actions that are done at once, and their one event. */
const immediate: Readonly<Record<string, string>> = { lock: 'api_lock', unlock: 'api_unlock' };

/** The events of an action, in the order in which they began; those of a step tried anew come anew. */
export function eventsOf(action: ServerAction, steps: readonly StepHistory[]): ServerEvent[] {
  const once = immediate[action.action];
  if (once !== undefined)
    return [{ name: once, error: null, startedAt: action.startedAt, finishedAt: action.updatedAt }];
  const events = new Map<string, ServerEvent>();
  for (const step of steps) {
    const { attempt, error, startedAt, finishedAt } = step;
    for (const name of namesOf(action.action, step.name)) {
      const key = `${name} ${attempt}`;
      const begun = events.get(key) ?? { name, error, startedAt };
      events.set(key, { ...begun, error: begun.error ?? error, finishedAt });
    }
  }
  return [...events.values()];
}

function namesOf(action: string, step: string): readonly string[] {
  const name = names[action]?.[step];
  if (name === null) return [];
  if (name === undefined) return [`compute_${step}_instance`];
  return typeof name === 'string' ? [name] : name;
}
