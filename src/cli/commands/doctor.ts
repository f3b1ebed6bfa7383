import { checks, type Finding } from '../doctor/checks.ts';
import { dataDirectory, type GlobalOptions, readConfig } from '../machine/context.ts';
import { paint, say } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

const marks: Readonly<Record<Finding['state'], string>> = {
  well: paint('32', '✓'),
  unusual: paint('33', '!'),
  broken: paint('31', '✗'),
};

/** Prints what is missing or wrong for a cloud with real guests, each with the command that mends it. Exit code 1 when something is. */
export async function run(options: GlobalOptions, parts: ProgramParts): Promise<void> {
  const layout = dataDirectory(options);
  const config = await readConfig(options, layout, parts);
  for (const check of checks) {
    const { state, text, mend } = await examine(() => check.run({ layout, config, parts }));
    say(`${marks[state]} ${check.title}: ${text}`);
    if (mend) say(`    ${mend}`);
    if (state === 'broken') process.exitCode = 1;
  }
}

/** A check that cannot even look has found something, too. */
async function examine(look: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return { state: 'broken', text: (error as Error).message };
  }
}
