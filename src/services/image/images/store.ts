import {
  type CompiledQuery,
  type ExpressionBuilder,
  type Kysely,
  type SelectQueryBuilder,
  sql,
} from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { changedOne } from '#kit/db/columns.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';
import { isUniqueViolation } from '#kit/db/errors.ts';
import { afterMarker } from '#kit/db/keyset.ts';

import type { Comparison, Condition } from './filters.ts';
import { type ImageQuery, isPlain, plainQuery, type Viewer } from './query.ts';
import type { ImageChanges, ImageRecord, ImageStatus, NewImage } from './record.ts';
import { fromRow, type ImageRow, type ImageTables, toRow } from './row.ts';

/** What a project has in images, in bytes and images. */
export interface ImageUsage {
  readonly stored: number;
  readonly staged: number;
  readonly images: number;
  readonly uploading: number;
}

type ListQuery = SelectQueryBuilder<ImageTables, 'image_images', ImageRow>;
type Eb = ExpressionBuilder<ImageTables, 'image_images'>;

const inTransfer: readonly ImageStatus[] = ['saving', 'uploading', 'importing'];

/** The images' only SQL. */
export class ImageStore {
  readonly #database: Database;
  readonly #db: Kysely<ImageTables>;
  readonly #clock: Clock;
  readonly #plainLists = new Map<string, CompiledQuery<ImageRow>>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#db = database.tables();
    this.#clock = clock;
  }

  async find(id: string): Promise<ImageRecord | undefined> {
    const row = await this.#db.selectFrom('image_images').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  /** Images a viewer may see that meet the query, a page of them. */
  async list(viewer: Viewer, query: ImageQuery): Promise<ImageRecord[]> {
    const rows = isPlain(query)
      ? (await this.#db.executeQuery(this.#plainList(viewer, query.limit))).rows
      : await this.#select(viewer, query).execute();
    return rows.map(fromRow);
  }

  #select(viewer: Viewer, query: ImageQuery) {
    let select: ListQuery = this.#db.selectFrom('image_images').selectAll();
    for (const condition of query.conditions) select = select.where((eb) => meets(eb, condition));
    if (!viewer.admin) select = select.where((eb) => visibleTo(eb, viewer.projectId, query.memberStatus));
    select = select.where((eb) => ofVisibility(eb, query.visibility, viewer.projectId));
    for (const [name, value] of query.properties) select = withProperty(select, name, value);
    for (const tag of query.tags) select = withTag(select, tag);
    const marker = query.marker && { ...toRow(query.marker) };
    return afterMarker<ImageRow>(select, query.sort, marker).limit(query.limit);
  }

  /** The list everybody asks for. Putting its SQL together costs more than running it, so that is done once. */
  #plainList({ admin, projectId }: Viewer, limit: number): CompiledQuery<ImageRow> {
    const kind = `${admin} ${projectId === undefined}`;
    let compiled = this.#plainLists.get(kind);
    if (!compiled) {
      const viewer = { admin, projectId: projectId === undefined ? undefined : slots.projectId };
      compiled = this.#select(viewer, { ...plainQuery, limit: slots.limit }).compile();
      this.#plainLists.set(kind, compiled);
    }
    const values = new Map<unknown, unknown>([
      [slots.projectId, projectId],
      [slots.limit, limit],
    ]);
    const parameters = compiled.parameters.map((p) => (values.has(p) ? values.get(p) : p));
    return { ...compiled, parameters };
  }

  /** Inserts a queued image; undefined when its id is taken. */
  async insert(image: NewImage, also?: (trx: AnyTransaction) => Promise<void>) {
    const now = this.#clock.now();
    const made: ImageRecord = { ...blank, ...image, createdAt: now, updatedAt: now };
    try {
      await this.#database.transaction<ImageTables, void>(async (trx) => {
        await trx
          .insertInto('image_images')
          .values({ ...toRow(made), revision: 0 })
          .execute();
        await insertProperties(trx, made);
        await insertTags(trx, made);
        await also?.(trx);
      });
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
    return made;
  }

  /**
   * Changes an image as `decide` says, seeing it as it is at that moment; undefined leaves it alone. Answers the image
   * after the change, or undefined when there is none. `also` runs in the same transaction.
   */
  async change(
    id: string,
    decide: (image: ImageRecord) => ImageChanges | undefined,
    also?: (trx: AnyTransaction, image: ImageRecord) => Promise<void>,
  ): Promise<ImageRecord | undefined> {
    for (;;) {
      const row = await this.#db
        .selectFrom('image_images')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return undefined;
      const before = fromRow(row);
      const changes = decide(before);
      if (!changes) return before;
      const after = { ...before, ...changes, updatedAt: this.#clock.now() };
      if (await this.#write(row.revision, before, after, also)) return after;
    }
  }

  async #write(
    revision: number,
    before: ImageRecord,
    after: ImageRecord,
    also?: (trx: AnyTransaction, image: ImageRecord) => Promise<void>,
  ): Promise<boolean> {
    const { id, ...columns } = toRow(after);
    return this.#database.transaction<ImageTables, boolean>(async (trx) => {
      const result = await trx
        .updateTable('image_images')
        .set({ ...columns, revision: revision + 1 })
        .where('id', '=', id)
        .where('revision', '=', revision)
        .executeTakeFirst();
      if (!changedOne(result)) return false;
      if (after.properties !== before.properties) {
        await trx.deleteFrom('image_properties').where('image_id', '=', id).execute();
        await insertProperties(trx, after);
      }
      if (after.tags !== before.tags) {
        await trx.deleteFrom('image_tags').where('image_id', '=', id).execute();
        await insertTags(trx, after);
      }
      await also?.(trx, after);
      return true;
    });
  }

  /** Deletes an image if `mayGo` says so, seeing it as it is at that moment; undefined when there is none. */
  async remove(id: string, mayGo: (image: ImageRecord) => boolean): Promise<ImageRecord | undefined> {
    for (;;) {
      const image = await this.find(id);
      if (!image || !mayGo(image)) return image;
      const gone = await this.#database.transaction<ImageTables, boolean>(async (trx) => {
        // whoever changes the image now waits, or has changed it before this and is seen by the second look
        await trx
          .updateTable('image_images')
          .set((eb) => ({ revision: eb('revision', '+', 1) }))
          .where('id', '=', id)
          .execute();
        const row = await trx.selectFrom('image_images').selectAll().where('id', '=', id).executeTakeFirst();
        if (!row || !mayGo(fromRow(row))) return false;
        for (const table of ['image_properties', 'image_tags', 'image_members'] as const)
          await trx.deleteFrom(table).where('image_id', '=', id).execute();
        await trx.deleteFrom('image_images').where('id', '=', id).execute();
        return true;
      });
      if (gone) return image;
    }
  }

  async usage(owner: string): Promise<ImageUsage> {
    const sizeIf = (condition: ReturnType<typeof sql<boolean>>) =>
      sql<number | string>`coalesce(sum(case when ${condition} then size else 0 end), 0)`;
    const row = await this.#db
      .selectFrom('image_images')
      .where('owner', '=', owner)
      .select((eb) => [
        sizeIf(sql`data is not null`).as('stored'),
        sizeIf(sql`status in ('uploading', 'importing')`).as('staged'),
        eb.fn.countAll<number | string>().as('images'),
        sql<
          number | string
        >`coalesce(sum(case when status in ('saving', 'uploading', 'importing') then 1 else 0 end), 0)`.as(
          'uploading',
        ),
      ])
      .executeTakeFirstOrThrow();
    return {
      stored: Number(row.stored),
      staged: Number(row.staged),
      images: Number(row.images),
      uploading: Number(row.uploading),
    };
  }

  /** Keeps transfers alive. */
  async renew(uploads: readonly string[], until: number): Promise<void> {
    if (uploads.length === 0) return;
    await this.#db
      .updateTable('image_images')
      .set({ upload_until: until })
      .where('upload', 'in', uploads)
      .where('upload_until', 'is not', null)
      .execute();
  }

  /** Images whose transfer showed no sign of life in time; all that are waited for, when `now` is left out. */
  async withDeadUpload(now = Number.MAX_SAFE_INTEGER): Promise<ImageRecord[]> {
    const rows = await this.#db
      .selectFrom('image_images')
      .selectAll()
      .where('upload_until', '<', now)
      .where('status', 'in', inTransfer)
      .execute();
    return rows.map(fromRow);
  }

  /** Of these images those that there are, with the file of their data and the transfer they wait for. */
  async filesInUse(ids: readonly string[]): Promise<Pick<ImageRecord, 'id' | 'data' | 'upload'>[]> {
    if (ids.length === 0) return [];
    const columns = ['id', 'data', 'upload'] as const;
    return this.#db.selectFrom('image_images').select(columns).where('id', 'in', ids).execute();
  }
}

/** Stand in a compiled query for what differs from call to call. */
const slots = {
  projectId: Symbol('projectId') as unknown as string,
  limit: Symbol('limit') as unknown as number,
};

const blank = {
  status: 'queued',
  size: null,
  virtualSize: null,
  checksum: null,
  hashAlgorithm: null,
  hashValue: null,
  data: null,
  upload: null,
  uploadUntil: null,
} as const;

async function insertProperties(trx: Kysely<ImageTables>, { id, properties }: ImageRecord): Promise<void> {
  const rows = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [{ image_id: id, name, value }],
  );
  if (rows.length > 0) await trx.insertInto('image_properties').values(rows).execute();
}

async function insertTags(trx: Kysely<ImageTables>, { id, tags }: ImageRecord): Promise<void> {
  const rows = tags.map((value) => ({ image_id: id, value }));
  if (rows.length > 0) await trx.insertInto('image_tags').values(rows).execute();
}

function meets(eb: Eb, condition: Condition) {
  return 'either' in condition
    ? eb.or(condition.either.map((comparison) => compares(eb, comparison)))
    : compares(eb, condition);
}

const compares = (eb: Eb, { column, operator, value }: Comparison) =>
  Array.isArray(value) && value.length === 0 ? eb.lit(false) : eb(column, operator, value);

/** glance/db/sqlalchemy/api.py, _select_images_query: what is public, the viewer's own, or shared with them. */
function visibleTo(eb: Eb, projectId: string | undefined, memberStatus: ImageQuery['memberStatus']) {
  const seen = eb('visibility', 'in', ['public', 'community']);
  if (projectId === undefined) return seen;
  let shared = eb
    .selectFrom('image_members')
    .select('image_id')
    .whereRef('image_members.image_id', '=', 'image_images.id')
    .where('member_id', '=', projectId);
  if (memberStatus !== 'all') shared = shared.where('image_members.status', '=', memberStatus);
  return eb.or([
    seen,
    eb('owner', '=', projectId),
    eb.and([eb('visibility', '=', 'shared'), eb.exists(shared)]),
  ]);
}

/** Without the filter, community images of others are left out. */
function ofVisibility(eb: Eb, visibility: ImageQuery['visibility'], projectId: string | undefined) {
  if (visibility === 'all') return eb.lit(true);
  if (visibility !== undefined) return eb('visibility', '=', visibility);
  const notCommunity = eb('visibility', '!=', 'community');
  return projectId === undefined ? notCommunity : eb.or([notCommunity, eb('owner', '=', projectId)]);
}

const withProperty = (query: ListQuery, name: string, value: string): ListQuery =>
  query.where('id', 'in', (eb) =>
    eb.selectFrom('image_properties').select('image_id').where('name', '=', name).where('value', '=', value),
  );

const withTag = (query: ListQuery, tag: string): ListQuery =>
  query.where('id', 'in', (eb) => eb.selectFrom('image_tags').select('image_id').where('value', '=', tag));
