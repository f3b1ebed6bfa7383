import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findGuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { probeAcceleration } from '#drivers/virt/qemu/kvm-probe.ts';

/** Starts a guest on KVM as guests are started; why it did not run, or undefined when it did. */
export async function probeKvm(): Promise<string | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), 'stratalith-kvm-'));
  try {
    chmodSync(scratch, 0o755);
    return await probeAcceleration('kvm', scratch, findGuestUser());
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
