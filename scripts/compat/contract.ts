import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { normalPath, type Operation } from './operations.ts';

const directory = join(import.meta.dirname, '..', '..', 'docs', 'compat', 'contract');

/** What OpenStack's own descriptions say a service answers: its OpenAPI description and its API reference together. */
export function contractOf(service: string): Operation[] {
  const found = new Map<string, Operation>();
  for (const source of ['openapi', 'api-ref']) {
    for (const operation of readOperations(`${service}.${source}.txt`)) {
      const key = `${operation.method} ${normalPath(operation.path)}`;
      if (!found.has(key)) found.set(key, operation);
    }
  }
  return [...found.values(), ...readActions(`${service}.actions.txt`)].sort(compare);
}

/** Lines of a path and its methods. */
function readOperations(file: string): Operation[] {
  return linesOf(file)
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => {
      const [path = '', methods = ''] = line.trim().split(/\s+/);
      return methods.split(',').map((method) => ({ method, path, versions: '' }));
    })
    .filter(({ path }) => !isNotation(path));
}

/** Blocks of a path with its actions, each with the versions it was described for. */
function readActions(file: string): Operation[] {
  const operations: Operation[] = [];
  let path = '';
  for (const line of linesOf(file)) {
    const heading = /^# (\S+): /.exec(line);
    const action = /^\s+(\S+)\s+(.+)$/.exec(line);
    if (heading) path = heading[1]!;
    else if (action)
      operations.push({ method: 'POST', path, action: action[1]!, versions: spanOf(action[2]!) });
  }
  return operations;
}

/** From the first version to the last one of `[2.1..2.18], [2.19..]`. */
function spanOf(ranges: string): string {
  const first = /\[([\d.]+?)\.\./.exec(ranges)?.[1] ?? '';
  const last = /\.\.([\d.]*)\]$/.exec(ranges)?.[1] ?? '';
  return `${first}–${last}`;
}

/** A path that stands for many, such as `/{resource}/{id}/tags`, or for a version. */
const isNotation = (path: string): boolean => /^\/?(?:v\d(?:\.\d+)?\/)?\{/.test(path.replace(/^\//, ''));

function linesOf(file: string): string[] {
  const path = join(directory, file);
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : [];
}

function compare(a: Operation, b: Operation): number {
  const keyOf = (o: Operation) => `${normalPath(o.path)} ${o.action ?? ''} ${o.method}`;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
