import type { Target } from '#kit/auth/rule-parser.ts';
import type { Call } from '#kit/http/endpoint.ts';

import { badResource, hidden } from '../errors.ts';
import { reserve } from '../quotas/store.ts';
import type { Network } from '../service.ts';
import type { Work } from '../work.ts';
import { enforceAttributes, hiddenAttributes, trimmed } from './access.ts';
import type { Attributes, Created, Updated, Values } from './attribute.ts';
import { type Bodies, explicitlySet, readCreate, readUpdate } from './body.ts';
import type { NetworkCall } from './call.ts';
import { pageLinks } from './links.ts';
import type { Noun } from './noun.ts';
import { readFields, readListQuery } from './query.ts';
import { bump } from './revision.ts';
import { type Viewer, viewerOf } from './viewer.ts';

/** The five operations every noun has, as neutron/pecan_wsgi does them. A noun gives what is its own: a function. */

type Id = { id: string };
type ResourceCall<Row> = Call<Network, Id, undefined, Row>;
type BodyCall<Row> = Call<Network, Id, unknown, Row>;
type CreateCall = Call<Network, unknown, unknown>;

/** Makes one resource within a transaction and answers its id. */
export type Create<A> = (work: Work, values: Created<A>, viewer: Viewer) => Promise<string>;
/** Changes a resource, freshly read, within a transaction. */
export type Update<Row, A> = (work: Work, row: Row, changes: Updated<A>, viewer: Viewer) => Promise<void>;
/** Removes a resource, freshly read, within a transaction. Throws when it may not go. */
export type Remove<Row> = (work: Work, row: Row, viewer: Viewer) => Promise<void>;

/** Fetches what the path names; what the caller may not see does not exist for them. */
export const loading =
  <Row, A extends Attributes>(noun: Noun<Row, A>) =>
  async (call: Call<Network, Id>): Promise<Row> => {
    const row = await noun.find(call.service.db, call.params.id, viewerOf(call));
    if (!row) throw noun.notFound(call.params.id);
    if (!call.allows(`get_${noun.name}`, noun.target(row))) throw hidden();
    return row;
  };

/**
 * Anyone may list: what policy does not let a caller see is left out, row by row, so that list endpoints declare no rule
 * of their own.
 */
export const listing =
  <Row, A extends Attributes>(noun: Noun<Row, A>) =>
  async (call: NetworkCall): Promise<Values> => {
    const query = readListQuery(noun.attributes, call.query);
    const rows = await noun.list(call.service.db, query, viewerOf(call));
    const rule = `get_${noun.name}`;
    const visible = rows.filter((row) => call.allows(rule, noun.target(row)));
    const show = presenter(noun, call, visible[0]);
    const items = visible.map(show);
    const ids = query.limit === undefined ? [] : visible.map((row) => (row as unknown as Id).id);
    const links = pageLinks(call.request, ids, query);
    return { [noun.collection]: items, ...(links.length > 0 && { [`${noun.collection}_links`]: links }) };
  };

/** Answers the one resource that was loaded. */
export const showing =
  <Row, A extends Attributes>(noun: Noun<Row, A>) =>
  (call: ResourceCall<Row>): Values => ({
    [noun.name]: presenter(noun, call, call.resource)(call.resource),
  });

/**
 * Makes the resource of a body, or all of a bulk body in one transaction. Throws `badRequest` for what
 * attributes do not allow, `forbidden` for attributes the caller may not set, and `overQuota`.
 * `checkTogether` looks at all of a bulk body first.
 */
export const creating =
  <Row, A extends Attributes>(
    noun: Noun<Row, A>,
    create: Create<A>,
    checkTogether?: (all: readonly Created<A>[]) => void,
  ) =>
  async (call: CreateCall): Promise<Values> => {
    const { service } = call;
    const viewer = viewerOf(call);
    const bodies = readCreate(noun, call.body, { projectId: viewer.projectId, anyProject: viewer.admin });
    for (const values of bodies.items) {
      const target = { ...values, ...(await noun.newTarget?.(service.db, values, viewer)) };
      enforceAttributes(call, 'create', noun, target, explicitlySet(noun.attributes, values));
    }
    checkTogether?.(bodies.items as readonly Created<A>[]);
    const rows = await service.write((work) => createAll(noun, create, work, bodies, viewer));
    const show = presenter(noun, call, rows[0]);
    return bodies.bulk ? { [noun.collection]: rows.map(show) } : { [noun.name]: show(rows[0]!) };
  };

async function createAll<Row, A extends Attributes>(
  noun: Noun<Row, A>,
  create: Create<A>,
  work: Work,
  bodies: Bodies,
  viewer: Viewer,
): Promise<Row[]> {
  if (noun.quota) await reserveFor(noun.name, work, bodies.items);
  const ids: string[] = [];
  for (const values of bodies.items) ids.push(await create(work, values as Created<A>, viewer));
  const rows: Row[] = [];
  for (const id of ids) rows.push((await noun.find(work.db, id, { ...viewer, admin: true }))!);
  return rows;
}

async function reserveFor(resource: string, work: Work, items: readonly Values[]): Promise<void> {
  const wanted = new Map<string, number>();
  for (const { project_id: id } of items) wanted.set(id as string, (wanted.get(id as string) ?? 0) + 1);
  for (const [projectId, count] of wanted) await reserve(work, resource, projectId, count);
}

/** Changes what a body names; with an `If-Match` header, only at that revision number. */
export const updating =
  <Row, A extends Attributes>(noun: Noun<Row, A>, update: Update<Row, A>) =>
  async (call: BodyCall<Row>): Promise<Values> => {
    const { service, params } = call;
    const viewer = viewerOf(call);
    const owner = { projectId: viewer.projectId, anyProject: viewer.admin };
    const changes = readUpdate(noun, call.body, owner);
    const target: Target = { ...noun.target(call.resource), ...changes };
    enforceAttributes(call, 'update', noun, target, Object.keys(changes));
    const revision = ifMatch(call.request.headers['if-match']);
    const row = await service.write(async (work) => {
      if (noun.table) await bump(work, noun.table, params.id, noun.notFound, revision);
      const before = await noun.find(work.db, params.id, viewer);
      if (!before) throw noun.notFound(params.id);
      await update(work, before, changes as Updated<A>, viewer);
      return (await noun.find(work.db, params.id, { ...viewer, admin: true }))!;
    });
    return { [noun.name]: presenter(noun, call, row)(row) };
  };

/** Removes what was loaded; with an `If-Match` header, only at that revision number. */
export const deleting =
  <Row, A extends Attributes>(noun: Noun<Row, A>, remove: Remove<Row>) =>
  async (call: ResourceCall<Row>): Promise<void> => {
    const { service, params } = call;
    const viewer = viewerOf(call);
    const revision = ifMatch(call.request.headers['if-match']);
    await service.write(async (work) => {
      if (noun.table) await bump(work, noun.table, params.id, noun.notFound, revision);
      const row = await noun.find(work.db, params.id, viewer);
      if (!row) throw noun.notFound(params.id);
      await remove(work, row, viewer);
    });
  };

/** Row → what this caller sees of it; what is hidden is judged by one row for all. */
export function presenter<Row, A extends Attributes>(
  noun: Noun<Row, A>,
  call: NetworkCall,
  first: Row | undefined,
): (row: Row) => Values {
  if (!first) return () => ({});
  const concealed = hiddenAttributes(call, noun, noun.target(first));
  const fields = readFields(call.query);
  return (row) => trimmed(noun.view(row, call.service), concealed, fields);
}

/** The revision a caller insists on: `If-Match: revision_number=5`. */
function ifMatch(header: string | undefined): number | undefined {
  const tags = (header ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'))
    .filter((tag) => tag.startsWith('revision_number='));
  if (tags.length === 0) return undefined;
  if (tags.length > 1) throw badResource('if-match', 'Multiple revision_number etags are not supported.');
  const number = tags[0]!.slice('revision_number='.length);
  if (!/^\d+$/.test(number)) {
    throw badResource('if-match', 'Revision number etag must be in the format of revision_number=<int>');
  }
  return Number(number);
}
