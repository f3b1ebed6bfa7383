import type { Query } from '#kit/http/endpoint.ts';

import { trimmed } from './access.ts';
import type { Attributes, Values } from './attribute.ts';
import { readFields, readListQuery } from './query.ts';

/** The list of something that is in no table: filtered and trimmed as a query string asks. */
export function listInMemory(
  items: readonly Readonly<Values>[],
  attributes: Attributes,
  query: Query,
): Values[] {
  const { filters } = readListQuery(attributes, query);
  const fields = readFields(query);
  return items
    .filter((item) => [...filters].every(([name, values]) => values.includes(item[name])))
    .map((item) => trimmed({ ...item }, [], fields));
}
