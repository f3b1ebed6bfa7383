import type { FileHandle } from 'node:fs/promises';

import { unsupportedMediaType } from '#kit/errors/cloud-error.ts';

import { type Detector, type Disk, type Finding, headBytes } from './format.ts';
import { detectGpt } from './gpt.ts';
import { detectIso } from './iso.ts';
import { detectLuks } from './luks.ts';
import { detectQcow2 } from './qcow2.ts';
import { detectQed } from './qed.ts';
import { detectVdi } from './vdi.ts';
import { detectVhd } from './vhd.ts';
import { detectVhdx } from './vhdx.ts';
import { detectVmdk } from './vmdk.ts';

const detectors: Readonly<Record<string, Detector>> = {
  qcow2: detectQcow2,
  vhd: detectVhd,
  vhdx: detectVhdx,
  vmdk: detectVmdk,
  vdi: detectVdi,
  qed: detectQed,
  iso: detectIso,
  gpt: detectGpt,
  luks: detectLuks,
};

/** Formats whose data can make a host open files of its own. */
const dangerous = ['qcow2', 'vmdk', 'qed'];

/** What data is declared to be. */
export interface Declared {
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
}

/** How strict an inspection is. */
export interface Strictness {
  /** Whether data must be in the format declared. */
  readonly requireMatch: boolean;
  /** Names of checks a disk with a partition table may fail. */
  readonly nonfatal: readonly string[];
}

/**
 * Looks into data for what it really is (glance/location.py, set_data; oslo.utils, format_inspector). Answers the bytes a
 * guest would see, or null when that cannot be told. Throws `unsupportedMediaType` for data that is not what it is declared
 * to be, or not safe to use.
 */
export async function inspect(
  disk: Disk,
  declared: Declared,
  strictness: Strictness,
): Promise<number | null> {
  const findings = await detect(disk);
  if (declared.containerFormat !== 'bare') {
    // what lies in a container is not looked into, but a disk that only claims to be one is
    for (const finding of findings) if (dangerous.includes(finding.format)) requireSafe(finding, []);
    return null;
  }
  const finding = single(findings, disk);
  if (typeof finding === 'string') return mismatch(finding, strictness, findings);
  const virtualSize = virtualSizeOf(finding, disk, declared.diskFormat);
  if (virtualSize === undefined)
    return mismatch(
      `Image disk_format ${declared.diskFormat} does not match stream data ${finding.format}`,
      strictness,
      findings,
    );
  requireSafe(finding, strictness.nonfatal);
  return virtualSize || null;
}

/** A file of `size` bytes, to be looked into. */
export async function diskOf(file: FileHandle, size: number): Promise<Disk> {
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  };
  return { size, head: await read(0, headBytes), read };
}

async function detect(disk: Disk): Promise<Finding[]> {
  const findings = await Promise.all(Object.values(detectors).map(async (detector) => detector(disk)));
  return findings.filter((finding) => finding !== undefined);
}

/** The one format there is; a problem in words when there are several. What is in none is raw. */
function single(findings: readonly Finding[], disk: Disk): Finding | string {
  if (findings.length === 0) return { format: 'raw', virtualSize: disk.size, problems: [] };
  if (findings.length === 1) return findings[0]!;
  const iso = findings.find(({ format }) => format === 'iso');
  // a disc that can also be started from as a disk has a partition table in front
  if (findings.length === 2 && iso && findings.some(({ format }) => format === 'gpt')) return iso;
  return `Multiple formats detected: ${findings.map(({ format }) => format).join(',')}`;
}

/** Undefined when the data is not what it is declared to be; 0 when its size is not known. */
function virtualSizeOf(finding: Finding, disk: Disk, declared: string | null): number | undefined {
  if (finding.format === declared) return finding.virtualSize;
  // whoever declares data to be raw has a guest see it as it is
  if (declared === 'raw') return disk.size;
  const isInspectable = declared !== null && declared in detectors;
  return finding.format === 'raw' && !isInspectable ? 0 : undefined;
}

function mismatch(
  problem: string,
  { requireMatch, nonfatal }: Strictness,
  findings: readonly Finding[],
): null {
  if (requireMatch) throw unsupportedMediaType(problem);
  for (const finding of findings) requireSafe(finding, nonfatal);
  return null;
}

function requireSafe({ format, problems }: Finding, nonfatal: readonly string[]): void {
  const fatal = problems.filter(({ check }) => format !== 'gpt' || !nonfatal.includes(check));
  if (fatal.length === 0) return;
  const reasons = fatal.map(({ check, reason }) => `${check}: ${reason}`).join(', ');
  throw unsupportedMediaType('Image failed safety checks', undefined, new Error(`${format}: ${reasons}`));
}
