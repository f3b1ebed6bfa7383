/** Writes docs/guides/configuration.md from the declared options; with `--check` only says whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describeConfig } from '#kit/config/options.ts';
import { sections } from '#main/config.ts';

const file = join(import.meta.dirname, '..', 'docs', 'guides', 'configuration.md');

const introduction = `# Configuration

<!-- Made by \`npm run docs\` from the options' declarations. Do not edit. -->

One TOML file: the one given with \`--config\`, else \`stratalith.toml\` in the data directory, else
\`/etc/stratalith/stratalith.toml\`. None is needed. A section or an option that does not exist, or a value that does not fit,
is refused with everything that is wrong. Changes take effect with the next \`stratalith up\`; \`--listen\` and \`--sim\` on the
command line go before the file.

\`\`\`toml
[api]
listen = "192.0.2.10"
\`\`\`
`;

const page = `${introduction}\n${describeConfig(sections).trimEnd()}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, page);
else if (readFileSync(file, 'utf8') !== page) {
  console.error(`${file} is out of date: npm run docs`);
  process.exitCode = 1;
}
