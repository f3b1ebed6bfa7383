import type { Layout, MachineConfig } from '#contracts/machine.ts';

/** What the command line is given by the program it belongs to. */
export interface ProgramParts {
  readonly version: string;
  /** Absolute path of the program's own directory. */
  readonly root: string;
  /** Path of the supervisor's entry point below {@link root}. */
  readonly supervisor: readonly string[];
  /** Flags Node is given for each of our processes, and their environment. */
  readonly nodeFlags: readonly string[];
  nodeEnvironment(home: string): Record<string, string>;
  parseConfig(toml: string): Promise<MachineConfig>;
  /** Asks the guests of a cloud whose processes have ended to shut down; how many ran. */
  stopGuests(layout: Layout): Promise<number>;
  /** Removes guests and networks of such a cloud; how many guests there were. */
  removeTraces(layout: Layout): Promise<number>;
  /** Starts a guest on KVM; why it did not run, or undefined when it did. */
  probeKvm(): Promise<string | undefined>;
}
