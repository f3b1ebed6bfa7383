import { parseIso } from '#kit/clock/clock.ts';
import type { SortKey } from '#kit/db/keyset.ts';
import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';
import type { Call, Query } from '#kit/http/endpoint.ts';

import { nameMatcher } from '../name-filter.ts';
import { lastOf, pageOf, type PageRequest, readBoolean } from '../query.ts';
import type { Compute } from '../service.ts';
import { isAdmin } from './find.ts';
import { ignoredSortKeys, patternColumns, refusedFilters, sortColumns } from './list-query.ts';
import { portsOf } from './ports.ts';
import { fromRow, type ServerRow } from './row.ts';
import type { Server, TaskState, VmState } from './server.ts';
import { statesOfStatuses } from './state.ts';
import type { ServerFilter, ServerPage } from './store.ts';

type ListCall = Pick<Call<Compute>, 'service' | 'auth' | 'query' | 'allows' | 'enforce' | 'atLeast'>;

/** A list as asked for: what the database filters, and what is looked at row by row. */
interface ListRequest {
  readonly filter: ServerFilter;
  readonly sort: readonly SortKey[];
  readonly page: PageRequest;
  /** Whether a row matches what SQL does not express; undefined when nothing of the kind was asked. */
  readonly matches: ((row: ServerRow) => boolean) | undefined;
  /** Parts of addresses, IPv4 and IPv6. */
  readonly addresses: { readonly ip?: string; readonly ip6?: string } | undefined;
}

/** The servers a list asks for, in full. `kind` names the policy rules. */
export async function listServers(call: ListCall, kind: 'index' | 'detail'): Promise<Server[]> {
  const request = readRequest(call, kind);
  const rows = request ? await rowsOf(call, request) : [];
  return rows.map(fromRow);
}

/** The servers a list asks for, only what the short list shows of them. */
export async function listBrief(call: ListCall): Promise<Pick<Server, 'id' | 'name'>[]> {
  const request = readRequest(call, 'index');
  if (!request || request.page.limit === 0) return [];
  if (request.matches || request.addresses) return rowsOf(call, request);
  return call.service.servers.listBrief(request.filter, await pageFrom(call, request));
}

async function pageFrom(call: ListCall, { sort, page }: ListRequest): Promise<ServerPage> {
  if (page.marker === undefined) return { sort, limit: page.limit };
  const after = await call.service.servers.findRow(page.marker);
  if (!after) throw badRequest(`marker [${page.marker}] not found`);
  return { sort, limit: page.limit, after };
}

const batch = 1000;

/** Reads rows, batch after batch when some of them do not match, until the page is full. */
async function rowsOf(call: ListCall, request: ListRequest): Promise<ServerRow[]> {
  const { filter, matches, addresses } = request;
  let page = await pageFrom(call, request);
  const wanted = page.limit;
  if (wanted === 0) return [];
  const { servers } = call.service;
  if (!matches && !addresses) return servers.listRows(filter, page);
  const found: ServerRow[] = [];
  for (;;) {
    const rows = await servers.listRows(filter, { ...page, limit: batch });
    const matching = matches ? rows.filter(matches) : rows;
    found.push(...(addresses ? await withAddress(call.service, matching, addresses) : matching));
    if (found.length >= wanted || rows.length < batch) return found.slice(0, wanted);
    page = { ...page, after: rows.at(-1)! };
  }
}

/** Servers with a fixed address that contains what was asked for, as Neutron's substring filter finds them. */
async function withAddress(
  service: Compute,
  rows: readonly ServerRow[],
  asked: { readonly ip?: string; readonly ip6?: string },
): Promise<ServerRow[]> {
  if (rows.length === 0) return [];
  const ports = await portsOf(service, rows.map(fromRow));
  const having = new Set(
    ports
      .filter((port) =>
        port.addresses.some(
          ({ address }) =>
            (asked.ip !== undefined && address.includes(asked.ip)) ||
            (asked.ip6 !== undefined && address.includes(asked.ip6)),
        ),
      )
      .map((port) => port.deviceId),
  );
  return rows.filter((row) => having.has(row.id));
}

/** Reads the query; undefined when it can match nothing. Throws `badRequest` and `forbidden` in Nova's words. */
function readRequest(call: ListCall, kind: 'index' | 'detail'): ListRequest | undefined {
  const query = allowedFilters(call);
  const refused = Object.keys(query).find(
    (name) => name.startsWith('_') || (refusedFilters as readonly string[]).includes(name),
  );
  if (refused !== undefined) throw badRequest(`Invalid filter field: ${refused}.`);
  const states = readStates(call, query);
  if (!states) return undefined;
  const changes = readChanges(query);
  const owner = readOwner(call, query, kind);
  const locked = query.locked === undefined ? undefined : readLocked(lastOf(query, 'locked')!);
  const filter: ServerFilter = {
    ...owner,
    ...states,
    ...changes,
    ...optional('host', lastOf(query, 'host')),
    ...optional('imageRef', lastOf(query, 'image') ?? lastOf(query, 'image_ref')),
    ...optional('flavorId', lastOf(query, 'flavor')),
    ...(query.uuid !== undefined && { ids: [query.uuid].flat() }),
    ...(locked !== undefined && { locked }),
    deleted: readDeleted(call, query, states.vmStates),
  };
  const ip = { ...optional('ip', lastOf(query, 'ip')), ...optional('ip6', lastOf(query, 'ip6')) };
  return {
    filter,
    sort: readSort(call),
    page: pageOf(call.query, call.service.parts.options.max_limit),
    matches: allOf([...patternMatchers(query), ...tagMatchers(call, query)]),
    addresses: Object.keys(ip).length > 0 ? ip : undefined,
  };
}

const openFilters = [
  'reservation_id name status image flavor ip changes-since all_tenants',
  { since: '2.5', names: 'ip6' },
  { since: '2.26', names: 'tags tags-any not-tags not-tags-any' },
  { since: '2.66', names: 'changes-before' },
  { since: '2.73', names: 'locked' },
  {
    since: '2.83',
    names:
      'availability_zone config_drive key_name created_at launched_at terminated_at power_state task_state vm_state progress user_id',
  },
  { since: '2.90', names: 'hostname' },
] as const;

const pagingNames = ['sort_key', 'sort_dir', 'limit', 'marker'];

/** Drops, without a word, the filters the caller may not use. */
function allowedFilters(call: ListCall): Query {
  const all = call.allows('os_compute_api:servers:allow_all_filters');
  const open = new Set(
    openFilters.flatMap((entry) => {
      if (typeof entry === 'string') return entry.split(' ');
      return call.atLeast(entry.since) ? entry.names.split(' ') : [];
    }),
  );
  return Object.fromEntries(
    Object.entries(call.query).filter(([name]) => (all ? !pagingNames.includes(name) : open.has(name))),
  );
}

/** What `status`, or the states themselves, narrow the list to; undefined when no server can be like that. */
function readStates(call: ListCall, query: Query): Pick<ServerFilter, 'vmStates' | 'taskStates'> | undefined {
  if (call.query.status === undefined) {
    return {
      ...(query.vm_state !== undefined && { vmStates: [lastOf(query, 'vm_state') as VmState] }),
      ...(query.task_state !== undefined && { taskStates: [lastOf(query, 'task_state') as TaskState] }),
    };
  }
  const { vmStates, taskStates } = statesOfStatuses([call.query.status].flat());
  if (vmStates.length === 0) {
    if (call.atLeast('2.38')) throw badRequest('Invalid status value');
    return undefined;
  }
  return {
    vmStates,
    ...(!taskStates.includes('default') && { taskStates: taskStates as TaskState[] }),
  };
}

function readChanges(query: Query): Pick<ServerFilter, 'changedSince' | 'changedBefore'> {
  const read = (name: string): number | undefined => {
    const text = lastOf(query, name);
    if (text === undefined) return undefined;
    const moment = parseIso(text);
    if (moment === undefined) throw badRequest(`Invalid filter field: ${name}.`);
    return moment;
  };
  const [since, before] = [read('changes-since'), read('changes-before')];
  if (since !== undefined && before !== undefined && before < since) {
    throw badRequest('The value of changes-since must be less than or equal to changes-before.');
  }
  return {
    ...(since !== undefined && { changedSince: since }),
    ...(before !== undefined && { changedBefore: before }),
  };
}

function readDeleted(
  call: ListCall,
  query: Query,
  vmStates: readonly VmState[] | undefined,
): ServerFilter['deleted'] {
  if (vmStates?.length === 1 && vmStates[0] === 'deleted') {
    if (!isAdmin(call)) throw forbidden('Only administrators may list deleted instances');
    return 'only';
  }
  if (query.deleted !== undefined) return readBoolean(lastOf(query, 'deleted')!) ? 'only' : 'no';
  return query['changes-since'] === undefined && query['changes-before'] === undefined ? 'no' : 'too';
}

/** Whose servers: the caller's project's unless an administrator asks for all. */
function readOwner(
  call: ListCall,
  query: Query,
  kind: 'index' | 'detail',
): Pick<ServerFilter, 'projectId' | 'userId'> {
  const user = optional('userId', lastOf(query, 'user_id'));
  if (allTenants(query)) {
    call.enforce(`os_compute_api:servers:${kind}:get_all_tenants`);
    const project = lastOf(query, 'tenant_id') ?? lastOf(query, 'project_id');
    return { ...user, ...optional('projectId', project) };
  }
  const { projectId, userId } = call.auth;
  return projectId === undefined ? { userId } : { ...user, projectId };
}

function allTenants(query: Query): boolean {
  const text = lastOf(query, 'all_tenants');
  if (text === undefined) return false;
  if (text === '') return true;
  const value = readBoolean(text);
  if (value === undefined) throw badRequest(unreadable(text));
  return value;
}

function readLocked(text: string): boolean {
  const value = readBoolean(text);
  if (value === undefined) throw badRequest(unreadable(text));
  return value;
}

const unreadable = (text: string): string =>
  `Invalid input received: Unrecognized value '${text}', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'`;

/** Sort keys and directions in the order given; newest first when none are. The server's number comes last. */
function readSort(call: ListCall): SortKey[] {
  const keys = [call.query.sort_key ?? []].flat().map((key) => key.trim());
  const directions = [call.query.sort_dir ?? []].flat().map((direction) => direction.trim());
  const bad = directions.find((direction) => direction !== 'asc' && direction !== 'desc');
  if (bad !== undefined) throw badRequest("Unknown sort direction, must be 'desc' or 'asc'");
  const first = (directions[0] ?? 'desc') as SortKey['direction'];
  const sort: SortKey[] = [];
  for (const [i, key] of (keys.length > 0 ? keys : ['created_at']).entries()) {
    const column = key === 'locked' && call.atLeast('2.73') ? 'locked' : sortColumn(call, key);
    if (column !== undefined) sort.push({ column, direction: (directions[i] ?? first) as 'asc' | 'desc' });
  }
  for (const column of ['created_at', 'number'])
    if (!sort.some((key) => key.column === column)) sort.push({ column, direction: first });
  return sort;
}

function sortColumn(call: ListCall, key: string): string | undefined {
  if (key === 'locked' || (ignoredSortKeys as readonly string[]).includes(key)) return undefined;
  if ((key === 'host' || key === 'node') && !isAdmin(call)) {
    throw forbidden(`Only administrators can sort servers by ${key}`);
  }
  return sortColumns[key as keyof typeof sortColumns];
}

type Matcher = (row: ServerRow) => boolean;

function patternMatchers(query: Query): Matcher[] {
  return Object.entries(patternColumns).flatMap(([filter, column]) => {
    const pattern = lastOf(query, filter);
    if (pattern === undefined) return [];
    const matches = nameMatcher(filter, pattern);
    return [(row: ServerRow) => matches(asText(column, row[column]))];
  });
}

/** A column as Nova's database held it, which is what patterns are written for. */
function asText(column: string, value: string | number | null): string {
  if (value === null) return '';
  if (column === 'config_drive') return value === 1 ? 'True' : '';
  if (column.endsWith('_at')) return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
  return String(value);
}

function tagMatchers(call: ListCall, query: Query): Matcher[] {
  if (!call.atLeast('2.26')) return [];
  const tagsOf = (row: ServerRow): string[] => JSON.parse(row.tags) as string[];
  const asked = (name: string): string[] | undefined => lastOf(query, name)?.split(',');
  const [all, any, notAll, notAny] = ['tags', 'tags-any', 'not-tags', 'not-tags-any'].map(asked);
  const matchers: Matcher[] = [];
  if (all) matchers.push((row) => all.every((tag) => tagsOf(row).includes(tag)));
  if (any) matchers.push((row) => any.some((tag) => tagsOf(row).includes(tag)));
  if (notAll) matchers.push((row) => !notAll.every((tag) => tagsOf(row).includes(tag)));
  if (notAny) matchers.push((row) => !notAny.some((tag) => tagsOf(row).includes(tag)));
  return matchers;
}

const allOf = (matchers: readonly Matcher[]): Matcher | undefined =>
  matchers.length === 0 ? undefined : (row) => matchers.every((matches) => matches(row));

const optional = <const K extends string>(key: K, value: string | undefined): { [k in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [k in K]: string });
