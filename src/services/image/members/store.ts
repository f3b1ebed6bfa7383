import type { Kysely } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { changedOne } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';

import type { ImageTables } from '../images/row.ts';

/** What a project said to an image being shared with it. */
export type MemberStatus = 'pending' | 'accepted' | 'rejected';

/** A project an image is shared with. */
export interface Member {
  readonly imageId: string;
  readonly memberId: string;
  readonly status: MemberStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The members' only SQL. */
export class MemberStore {
  readonly #db: Kysely<ImageTables>;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#db = database.tables();
    this.#clock = clock;
  }

  async find(imageId: string, memberId: string): Promise<Member | undefined> {
    const row = await this.#db
      .selectFrom('image_members')
      .selectAll()
      .where('image_id', '=', imageId)
      .where('member_id', '=', memberId)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** All members of an image, the first one first. */
  async list(imageId: string): Promise<Member[]> {
    const rows = await this.#db
      .selectFrom('image_members')
      .selectAll()
      .where('image_id', '=', imageId)
      .orderBy('created_at')
      .orderBy('member_id')
      .execute();
    return rows.map(fromRow);
  }

  async count(imageId: string): Promise<number> {
    const row = await this.#db
      .selectFrom('image_members')
      .where('image_id', '=', imageId)
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** Shares an image; answers what stood in the way. */
  async insert(imageId: string, memberId: string): Promise<Member | 'duplicate' | 'no image'> {
    const now = this.#clock.now();
    const row = {
      image_id: imageId,
      member_id: memberId,
      status: 'pending',
      created_at: now,
      updated_at: now,
    };
    try {
      await this.#db.insertInto('image_members').values(row).execute();
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      if (isForeignKeyViolation(error)) return 'no image';
      throw error;
    }
    return fromRow(row);
  }

  /** Undefined when there is no such member. */
  async setStatus(member: Member, status: MemberStatus): Promise<Member | undefined> {
    const updatedAt = this.#clock.now();
    const result = await this.#db
      .updateTable('image_members')
      .set({ status, updated_at: updatedAt })
      .where('image_id', '=', member.imageId)
      .where('member_id', '=', member.memberId)
      .executeTakeFirst();
    return changedOne(result) ? { ...member, status, updatedAt } : undefined;
  }

  /** Whether there was such a member. */
  async remove(imageId: string, memberId: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('image_members')
      .where('image_id', '=', imageId)
      .where('member_id', '=', memberId)
      .executeTakeFirst();
    return changedOne(result);
  }
}

const fromRow = (row: ImageTables['image_members']): Member => ({
  imageId: row.image_id,
  memberId: row.member_id,
  status: row.status as MemberStatus,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
