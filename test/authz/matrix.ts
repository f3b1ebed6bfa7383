import type { Endpoint } from '#kit/http/endpoint.ts';

import { type Persona, personas } from '../support/personas.ts';
import type { Owner } from './world.ts';

/** What came of one call: policy let it through, refused it, or the thing was not there for the caller. */
export type Outcome = 'allowed' | 'refused' | 'hidden';

/** What came of an endpoint's calls: by who called, and by whose things they were called on. */
export type Outcomes = Readonly<Record<Persona, Readonly<Record<Owner, Outcome>>>>;

const marks: Readonly<Record<Outcome, string>> = { allowed: '+', refused: '-', hidden: '.' };

const names = Object.keys(personas) as Persona[];

/** One endpoint and what came of calling it. */
export interface Row {
  readonly endpoint: Endpoint;
  readonly path: string;
  /** The rule that is asked, if one is. */
  readonly rule: string | undefined;
  readonly outcomes: Outcomes;
}

/** The rows of an API's matrix as text: endpoint, rule, and two marks for each persona. */
export function renderMatrix(type: string, rows: readonly Row[]): string {
  const table = rows.map(({ endpoint, path, rule, outcomes }) => [
    `${endpoint.method.padEnd(6)} ${path}${endpoint.action ? ` ${endpoint.action}` : ''}${versionsOf(endpoint)}`,
    rule ?? (endpoint.auth === 'none' ? '(open)' : '(any token)'),
    ...names.map((name) => marks[outcomes[name].a] + marks[outcomes[name].b]),
  ]);
  const lines = aligned([['endpoint', 'rule', ...names], ...table]);
  return `${introduction(type)}\n${lines.join('\n')}\n`;
}

const introduction = (type: string): string =>
  [
    `Who may call what of ${type}: for things of project-a, then of project-b.`,
    '+ allowed, - refused, . not there for the caller. manager, member and reader are in project-a, stranger in project-b.',
    '',
  ].join('\n');

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

const versionsOf = ({ since, until }: Endpoint): string =>
  since || until ? ` (${since ?? ''}–${until ?? ''})` : '';
