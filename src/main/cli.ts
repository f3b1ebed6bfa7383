/** The command line's entry point; `stratalith` at the root of the repository runs it. */
import { runProgram } from '#cli/program.ts';

import { programRoot, version } from './version.ts';

await runProgram({
  version,
  root: programRoot,
  supervisor: ['src', 'main', 'processes', 'supervisor.ts'],
  parseConfig: async (toml) => (await import('./config.ts')).parseConfig(toml),
});
