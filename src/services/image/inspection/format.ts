/** Data that is looked into. */
export interface Disk {
  /** Bytes in all. */
  readonly size: number;
  /** The first bytes: {@link headBytes} of them, or all there are. */
  readonly head: Buffer;
  /** Bytes from `offset` on; fewer at the end, none past it. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** How much of the beginning formats may look at: VMDK's descriptor ends within. */
export const headBytes = (1 << 20) + 512;

/** A format that data was found to be in. */
export interface Finding {
  readonly format: string;
  /** Bytes a guest would see; 0 when the data does not say. */
  readonly virtualSize: number;
  /** What makes it unsafe to use, by the name of the check. */
  readonly problems: readonly Problem[];
}

/** A check that data failed, and why. */
export interface Problem {
  readonly check: string;
  readonly reason: string;
}

/** Looks for one format; undefined when the data is in another. Never throws, whatever the data is. */
export type Detector = (disk: Disk) => Finding | undefined | Promise<Finding | undefined>;

/** The problems among the results of checks. */
export const problemsOf = (checks: Readonly<Record<string, string | false | undefined>>): Problem[] =>
  Object.entries(checks).flatMap(([check, reason]) => (reason ? [{ check, reason }] : []));

/** A 64-bit size as a number: larger ones than it can hold are of no disk. */
export const bigSize = (size: bigint): number => (size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : 0);

/** Whether data begins with this ASCII text. */
export const startsWith = (bytes: Buffer, magic: string): boolean =>
  bytes.length >= magic.length && bytes.toString('latin1', 0, magic.length) === magic;
