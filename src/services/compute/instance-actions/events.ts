/**
 * The steps of sagas as Nova's events are named, by the action they belong to. A step that is only bookkeeping is null and
 * does not show.
 */
const names: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  create: {
    schedule: 'conductor_schedule_and_build_instances',
    spawn: 'compute__do_build_and_run_instance',
  },
  delete: {
    cancelOthers: null,
    destroy: 'compute_terminate_instance',
    forget: null,
  },
  reboot: { cancelOthers: null, reboot: 'compute_reboot_instance' },
  resize: {
    claim: 'conductor_migrate_server',
    stop: 'compute_prep_resize',
    resize: 'compute_resize_instance',
    finish: 'compute_finish_resize',
  },
  confirmResize: { confirm: 'compute_confirm_resize' },
  revertResize: {
    stop: 'compute_power_off_instance',
    revert: 'compute_revert_resize',
    finish: 'compute_finish_revert_resize',
  },
  rebuild: {
    stop: 'compute_power_off_instance',
    rebuild: 'compute_rebuild_instance',
    start: 'compute_power_on_instance',
  },
  rescue: { stop: 'compute_power_off_instance', rescue: 'compute_rescue_instance' },
  shelve: {
    image: null,
    stop: 'compute_power_off_instance',
    snapshot: 'compute_snapshot_instance',
    shelve: 'compute_shelve_instance',
    destroy: 'compute_shelve_offload_instance',
    release: null,
  },
  shelveOffload: { destroy: 'compute_shelve_offload_instance', release: null },
  unshelve: {
    schedule: 'conductor_unshelve_instance',
    spawn: 'compute_unshelve_instance',
    finish: null,
  },
  createImage: { image: null, snapshot: 'api_snapshot_instance' },
  createBackup: { image: null, snapshot: 'compute_backup_instance', rotate: 'compute_rotate_backups' },
  trigger_crash_dump: { interrupt: 'compute_trigger_crash_dump' },
  attach_interface: { attach: 'compute_attach_interface' },
  detach_interface: { detach: 'compute_detach_interface' },
};

/** An event's name; null for a step that does not show. */
export function eventName(action: string, step: string): string | null {
  const name = names[action]?.[step];
  return name === undefined ? `compute_${step}_instance` : name;
}
