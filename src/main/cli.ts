/** The command line's entry point; `stratalith` at the root of the repository runs it. */
import { runProgram } from '#cli/program.ts';

import { nodeEnvironment, nodeFlags } from './node-process.ts';
import { programRoot, version } from './version.ts';

await runProgram({
  version,
  root: programRoot,
  supervisor: ['src', 'main', 'processes', 'supervisor.ts'],
  nodeFlags,
  nodeEnvironment,
  stopGuests: async (layout) => (await import('./at-rest.ts')).stopGuests(layout),
  removeTraces: async (layout) => (await import('./at-rest.ts')).removeTraces(layout),
  probeKvm: async () => (await import('./probe-kvm.ts')).probeKvm(),
  parseConfig: async (toml) => (await import('./config.ts')).parseConfig(toml),
});
