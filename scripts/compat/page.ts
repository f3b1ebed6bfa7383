import type { Api } from '#kit/http/api.ts';

import { answering, type Built, builtOf } from './built.ts';
import { contractOf } from './contract.ts';
import type { Operation } from './operations.ts';

/** The coverage page of a service, in Markdown. */
export function pageOf(api: Api<never>): string {
  const built = builtOf(api);
  const contract = contractOf(api.type);
  const answers = contract.map((operation) => ({ operation, own: answering(built, operation) }));
  const done = answers.filter(({ own }) => own.length > 0).length;
  const known = new Set(answers.flatMap(({ own }) => own));
  const beyond = built.filter((own) => !known.has(own));
  return [
    `# ${api.type} (${api.project})`,
    '',
    '<!-- Made by `npm run docs` from the endpoints and docs/compat/contract. Do not edit. -->',
    '',
    `${done} of the ${contract.length} operations of the contract are built${versionsOf(api)}.`,
    '',
    '| operation | built | versions | in the contract | declared in |',
    '|---|---|---|---|---|',
    ...answers.map(({ operation, own }) => row(operation, own)),
    ...(beyond.length > 0 ? ['', '## Beyond the contract', ''] : []),
    ...beyond.map((own) => `- \`${nameOf(own)}\` ${own.versions}`.trimEnd()),
    '',
  ].join('\n');
}

const versionsOf = ({ microversions }: Api<never>): string =>
  microversions ? `, microversions ${microversions.min} to ${microversions.max}` : '';

function row(operation: Operation, own: readonly Built[]): string {
  const state = own.length === 0 ? '–' : own.every((o) => o.gone) ? 'gone (410)' : 'yes';
  const versions = [...new Set(own.map((o) => o.versions || 'all'))].join(', ');
  const files = [...new Set(own.map((o) => o.file))].join(', ');
  return `| \`${nameOf(operation)}\` | ${state} | ${versions} | ${operation.versions} | ${files} |`;
}

const nameOf = ({ method, path, action }: Operation): string =>
  [method, path, action].filter((part) => part !== undefined).join(' ');
