import { type Kysely, sql, type Transaction } from 'kysely';

import { type Bit, bit, changedOne, fromJson, toJson } from '#kit/db/columns.ts';

import { listed, onlyIds, type Page, type TextMatch } from '../listing.ts';

/** A project, or a domain: a project that is nobody's child and has no domain itself. `extra` holds made-up attributes. */
export interface Project {
  readonly id: string;
  readonly name: string;
  /** Null for a domain. */
  readonly domainId: string | null;
  /** The project or domain above; null for a domain. */
  readonly parentId: string | null;
  readonly isDomain: boolean;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
}

/**
 * Projects and domains, whose names are unique in their domain or among domains, and their tags. `parent_id` is no
 * foreign key: who deletes a project makes sure that it has no children.
 */
export interface ProjectTables {
  identity_projects: {
    id: string;
    name: string;
    /** Empty for a domain, since a unique index takes any number of nulls. */
    domain_id: string;
    parent_id: string | null;
    is_domain: Bit;
    description: string | null;
    enabled: Bit;
    options: string;
    extra: string;
  };
  identity_project_tags: { project_id: string; name: string };
}

/** Tags a project must or must not have, as the API working group's tag filters combine them. */
export interface TagFilter {
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  readonly notAll?: readonly string[];
  readonly notAny?: readonly string[];
}

/** Which projects and domains are meant. Without `isDomain` it is both of them. */
export interface ProjectFilter {
  readonly domainId?: string;
  readonly parentId?: string;
  readonly isDomain?: boolean;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly tags?: TagFilter;
  readonly matches?: readonly TextMatch[];
}

type Trx = Transaction<ProjectTables>;
type Row = ProjectTables['identity_projects'];

/** The only SQL of projects, domains and tags. */
export class ProjectStore {
  readonly #db: Kysely<ProjectTables>;

  constructor(db: Kysely<ProjectTables>) {
    this.#db = db;
  }

  async list(
    filter: ProjectFilter,
    page: Page = {},
    db: Kysely<ProjectTables> | Trx = this.#db,
  ): Promise<Project[]> {
    let query = db.selectFrom('identity_projects').selectAll();
    if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
    if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId);
    if (filter.isDomain !== undefined) query = query.where('is_domain', '=', bit(filter.isDomain));
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    if (filter.enabled !== undefined) query = query.where('enabled', '=', bit(filter.enabled));
    for (const condition of tagConditions(filter.tags ?? {})) query = query.where(condition);
    return this.#withTags(await listed(query, filter.matches ?? [], page).execute(), db);
  }

  /** The projects of these ids that exist, ordered by id. */
  async byIds(ids: readonly string[]): Promise<Project[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db
      .selectFrom('identity_projects')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    return this.#withTags(rows);
  }

  async find(id: string): Promise<Project | undefined> {
    return (await this.byIds([id]))[0];
  }

  async findByName(domainId: string | null, name: string): Promise<Project | undefined> {
    const rows = await this.#db
      .selectFrom('identity_projects')
      .selectAll()
      .where('domain_id', '=', domainId ?? '')
      .where('name', '=', name)
      .execute();
    return (await this.#withTags(rows))[0];
  }

  /** What stands above a project, the nearest first, its domain last. */
  async parents(id: string): Promise<Project[]> {
    return this.#related(id, sql`p.id = c.parent_id`);
  }

  /** What stands below a project, the nearest first. */
  async subtree(id: string): Promise<Project[]> {
    return this.#related(id, sql`p.parent_id = c.id`);
  }

  /** The names of these projects and domains, and which domain each is in. */
  async names(ids: readonly string[]): Promise<Map<string, { name: string; domainId: string | null }>> {
    const query = this.#db.selectFrom('identity_projects').select(['id', 'name', 'domain_id']);
    const rows = await onlyIds(query, ids).execute();
    return new Map(rows.map((row) => [row.id, { name: row.name, domainId: row.domain_id || null }]));
  }

  /** Which project is under which, of all projects and domains there are. */
  async tree(): Promise<{ id: string; parentId: string | null }[]> {
    const rows = await this.#db
      .selectFrom('identity_projects')
      .select(['id', 'parent_id'])
      .orderBy('id')
      .execute();
    return rows.map((row) => ({ id: row.id, parentId: row.parent_id }));
  }

  /** Throws a unique violation when the id or, in the domain, the name is taken. */
  async insert(trx: Trx, project: Project): Promise<void> {
    await trx.insertInto('identity_projects').values(toRow(project)).execute();
    await insertTags(trx, project.id, project.tags);
  }

  /**
   * Changes all but the tags; answers whether the project was still there. Throws a unique violation when the name is
   * taken in the domain.
   */
  async update(trx: Trx, project: Project): Promise<boolean> {
    const { id, ...rest } = toRow(project);
    return changedOne(
      await trx.updateTable('identity_projects').set(rest).where('id', '=', id).executeTakeFirst(),
    );
  }

  /** A project's tags, which nobody else changes until the transaction ends. Undefined when it is no longer there. */
  async lockTags(trx: Trx, id: string): Promise<string[] | undefined> {
    // an update that changes nothing holds the row on either engine
    const held = await trx
      .updateTable('identity_projects')
      .set((eb) => ({ enabled: eb.ref('enabled') }))
      .where('id', '=', id)
      .executeTakeFirst();
    return changedOne(held) ? (await tagsOf(trx, [id])).map(({ name }) => name) : undefined;
  }

  /** Gives a project these tags and no others, after {@link update} or {@link lockTags} in the same transaction. */
  async setTags(trx: Trx, id: string, tags: readonly string[]): Promise<void> {
    await trx.deleteFrom('identity_project_tags').where('project_id', '=', id).execute();
    await insertTags(trx, id, tags);
  }

  async setEnabled(trx: Trx, ids: readonly string[], enabled: boolean): Promise<void> {
    if (ids.length === 0) return;
    await trx
      .updateTable('identity_projects')
      .set({ enabled: bit(enabled) })
      .where('id', 'in', ids)
      .execute();
  }

  async remove(trx: Trx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx.deleteFrom('identity_projects').where('id', 'in', ids).execute();
  }

  async #related(id: string, step: ReturnType<typeof sql>): Promise<Project[]> {
    const { rows } = await sql<Row>`
      with recursive chain(id, parent_id, depth) as (
        select id, parent_id, 0 from identity_projects where id = ${id}
        union all
        select p.id, p.parent_id, c.depth + 1 from identity_projects p join chain c on ${step})
      select p.* from identity_projects p join chain c on c.id = p.id
      where c.depth > 0 order by c.depth, p.id`.execute(this.#db);
    return this.#withTags(rows);
  }

  async #withTags(rows: readonly Row[], db: Kysely<ProjectTables> | Trx = this.#db): Promise<Project[]> {
    const tags = new Map<string, string[]>(rows.map((row) => [row.id, []]));
    for (const tag of await tagsOf(db, [...tags.keys()])) tags.get(tag.project_id)?.push(tag.name);
    return rows.map((row) => fromRow(row, tags.get(row.id)!));
  }
}

async function tagsOf(db: Kysely<ProjectTables> | Trx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const query = db.selectFrom('identity_project_tags').selectAll().orderBy('name');
  // past some hundreds one scan of all tags is cheaper than naming every project
  return (ids.length > 500 ? query : query.where('project_id', 'in', ids)).execute();
}

function tagConditions({ all, any, notAll, notAny }: TagFilter) {
  const tagged = (names: readonly string[], least: number) => sql<boolean>`id in (
    select project_id from identity_project_tags where name in (${sql.join(names)})
    group by project_id having count(*) >= ${least})`;
  return [
    ...(all ? [tagged(all, new Set(all).size)] : []),
    ...(any ? [tagged(any, 1)] : []),
    ...(notAll ? [sql<boolean>`not ${tagged(notAll, new Set(notAll).size)}`] : []),
    ...(notAny ? [sql<boolean>`not ${tagged(notAny, 1)}`] : []),
  ];
}

async function insertTags(trx: Trx, id: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await trx
    .insertInto('identity_project_tags')
    .values(tags.map((name) => ({ project_id: id, name })))
    .execute();
}

const fromRow = (row: Row, tags: readonly string[]): Project => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id || null,
  parentId: row.parent_id,
  isDomain: row.is_domain === 1,
  description: row.description,
  enabled: row.enabled === 1,
  options: fromJson(row.options),
  extra: fromJson(row.extra),
  tags,
});

const toRow = (project: Project): Row => ({
  id: project.id,
  name: project.name,
  domain_id: project.domainId ?? '',
  parent_id: project.parentId,
  is_domain: bit(project.isDomain),
  description: project.description,
  enabled: bit(project.enabled),
  options: toJson(project.options),
  extra: toJson(project.extra),
});
