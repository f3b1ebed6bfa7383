import Table from 'cli-table3';

import { bold, dim, say } from './output.ts';

/** Prints rows in columns under a title; nothing when there are none. */
export function printTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  if (rows.length === 0) return;
  say();
  say(bold(title));
  const edges = ['top', 'bottom', 'left', 'right', 'mid'] as const;
  const ends = ['', '-mid', '-left', '-right'] as const;
  const borderless = Object.fromEntries(edges.flatMap((edge) => ends.map((end) => [edge + end, ''])));
  const table = new Table({
    head: head.map(dim),
    chars: { ...borderless, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map(String)));
  for (const line of table.toString().split('\n')) say(`  ${line.trimEnd()}`);
}
