/** Prints where an endpoint is declared: `npm run where 'POST /servers'`, `npm run where flavors`, `npm run where os-start`. */
import { relative } from 'node:path';

import type { Api } from '#kit/http/api.ts';
import { apis } from '#main/registry.ts';

import { samePath } from './compat/operations.ts';

interface Place {
  readonly service: string;
  readonly operation: string;
  readonly declaredAt: string;
  readonly words: readonly string[];
  matches(method: string | undefined, path: string): boolean;
}

const places = apis.flatMap((api) => placesOf(api));
const wanted = process.argv.slice(2).join(' ').trim();
if (wanted === '') {
  console.error("Say what to look for: npm run where 'POST /servers'");
  process.exitCode = 2;
} else {
  const found = find(wanted);
  if (found.length === 0) {
    console.error(`No endpoint matches ${wanted}.`);
    process.exitCode = 1;
  }
  for (const place of found)
    console.log(`${place.service}  ${place.operation}  ${relative(process.cwd(), place.declaredAt)}`);
}

/** The endpoints of exactly this method and path; else those whose text has every word of it. */
function find(text: string): Place[] {
  const match = /^(?:([A-Z]+)\s+)?(\/\S*)$/i.exec(text);
  const exact = match ? places.filter((p) => p.matches(match[1]?.toUpperCase(), match[2]!)) : [];
  if (exact.length > 0) return exact;
  const words = text.toLowerCase().split(/\s+/);
  return places.filter((p) => words.every((word) => p.words.some((w) => w.includes(word))));
}

function placesOf(api: Api<never>): Place[] {
  const under = (prefix: string) => (path: string) => prefix + path;
  return [
    ...(api.rootEndpoints ?? []).map((endpoint) => ({ endpoint, paths: [endpoint.path] })),
    ...api.endpoints.map((endpoint) => ({
      endpoint,
      paths: [endpoint.path, ...api.prefixes.map((prefix) => under(prefix)(endpoint.path))],
    })),
  ].map(({ endpoint, paths }) => ({
    service: api.type,
    operation: [endpoint.method, endpoint.path, endpoint.action].filter((part) => part).join(' '),
    declaredAt: endpoint.declaredAt,
    words: [api.type, api.project, endpoint.method, endpoint.path, endpoint.action ?? ''].map((w) =>
      w.toLowerCase(),
    ),
    matches: (method, path) =>
      (method === undefined || method === endpoint.method) && paths.some((own) => samePath(own, path)),
  }));
}
