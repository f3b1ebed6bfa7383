import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CloudError } from '#kit/errors/cloud-error.ts';
import { needingRoom } from '#kit/files/disk-full.ts';
import { syncDirectory } from '#kit/files/durable.ts';
import type { QmpClient } from '#protocols/qmp/client.ts';
import type { JobInfo } from '#protocols/qmp/commands.ts';

import { type Disk, readDiskSet } from './disks.ts';
import { makeGuestFile, syncFile } from './files.ts';
import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';
import { convertImage, createEmpty, flattenDisk } from './qemu-img.ts';

/** Names of snapshot jobs and nodes begin so; there is never more than one in a guest. */
const job = 'snapshot';
const node = 'snapshot-target';
const pollMs = 500;

/** Where a guest's snapshot is, or will be. */
export const snapshotPath = (guest: Guest, snapshotId: string): string =>
  join(guest.paths.snapshots, `${snapshotId}.qcow2`);

/**
 * Writes the root disk of a guest as one self-contained qcow2 file, as it was at one moment. A guest that runs goes on:
 * QEMU copies aside what the guest is about to overwrite.
 */
export const takeSnapshot = (host: QemuHost, guest: Guest, snapshotId: string): Promise<string> =>
  needingRoom(`a snapshot of guest ${guest.id}`, () => write(host, guest, snapshotId));

async function write(host: QemuHost, guest: Guest, snapshotId: string): Promise<string> {
  const path = snapshotPath(guest, snapshotId);
  const scratch = `${path}.tmp`;
  await mkdir(guest.paths.snapshots, { recursive: true, mode: 0o711 });
  if (await exists(path)) return path;
  await rm(scratch, { force: true });
  try {
    const directory = guest.path(guest.manifest.disks);
    const root = (await readDiskSet(directory)).disks.find(({ name }) => name === 'root')!;
    if (!guest.process || !(await copyLive(host, guest, root, scratch)))
      await copyStopped(host, root, directory, scratch);
    await syncFile(scratch);
    await rename(scratch, path);
    await syncDirectory(guest.paths.snapshots);
    return path;
  } catch (error) {
    await rm(scratch, { force: true });
    throw error;
  }
}

/** Ends the snapshot a driver was taking when it was killed, and removes those nobody will ask for any more. */
export async function forgetSnapshots(guest: Guest): Promise<void> {
  if (guest.process) await clearUp(guest.process.qmp);
  await rm(guest.paths.snapshots, { recursive: true, force: true });
}

async function copyStopped(host: QemuHost, root: Disk, directory: string, target: string): Promise<void> {
  await makeGuestFile(target, host.user);
  const source = { path: join(directory, root.file), format: root.format };
  const base = root.backing && { path: join(directory, root.backing.file), format: root.backing.format };
  const compress = host.options.compress_snapshots;
  if (base) await flattenDisk(source, base, target, compress, host.user);
  else await convertImage(source, { path: target, format: 'qcow2' }, host.user);
}

/**
 * Answers false, and leaves no file, when the guest died meanwhile: then it can be copied as one that is off. Whoever turned
 * it off on purpose does not want the copy.
 */
async function copyLive(host: QemuHost, guest: Guest, root: Disk, target: string): Promise<boolean> {
  try {
    await makeGuestFile(target, host.user);
    await backUp(host, guest.process!.qmp, root, target);
    return true;
  } catch (error) {
    await guest.settle();
    if (guest.process || guest.power !== 'crashed') throw error;
    await rm(target, { force: true });
    return false;
  }
}

async function backUp(host: QemuHost, qmp: QmpClient, root: Disk, target: string): Promise<void> {
  await clearUp(qmp);
  await createEmpty(target, root.size, host.user);
  const file = { driver: 'file', filename: target, discard: 'unmap' };
  await qmp.execute('blockdev-add', { driver: 'qcow2', 'node-name': node, file });
  try {
    await qmp.execute('blockdev-backup', {
      'job-id': job,
      device: 'root',
      target: node,
      sync: 'full',
      compress: host.options.compress_snapshots,
      'auto-dismiss': false,
    });
    const { error } = await untilConcluded(qmp);
    if (error !== undefined) throw new CloudError('internal', `The snapshot failed: ${error}`);
  } finally {
    await clearUp(qmp).catch(() => {});
  }
}

/** Waits for the end of the job; its outcome is in the answer. */
async function untilConcluded(qmp: QmpClient): Promise<JobInfo> {
  for (;;) {
    const changed = qmp.waitFor(
      ({ event, data }) => event === 'JOB_STATUS_CHANGE' && data?.id === job && data.status === 'concluded',
      pollMs,
    );
    const info = (await qmp.execute('query-jobs', undefined)).find(({ id }) => id === job);
    if (!info) throw new CloudError('internal', 'The snapshot failed: its job is gone.');
    if (info.status === 'concluded') return info;
    await changed;
  }
}

/** Removes the job and the target of a snapshot that is over, or that an earlier driver left under way. */
async function clearUp(qmp: QmpClient): Promise<void> {
  const jobs = await qmp.execute('query-jobs', undefined);
  if (jobs.some(({ id }) => id === job)) {
    await qmp.execute('job-cancel', { id: job }).catch(() => {});
    await untilConcluded(qmp);
    await qmp.execute('job-dismiss', { id: job });
  }
  const nodes = await qmp.execute('query-named-block-nodes', { flat: true });
  if (nodes.some((known) => known['node-name'] === node))
    await qmp.execute('blockdev-del', { 'node-name': node });
}

const exists = (path: string): Promise<boolean> =>
  syncFile(path).then(
    () => true,
    () => false,
  );
