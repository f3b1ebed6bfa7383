import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, changedOne } from '#kit/db/columns.ts';

/** Who may be given roles. */
export type ActorType = 'user' | 'group';

/** What roles may be given on. */
export type TargetType = 'project' | 'domain' | 'system';

/** A user or a group. */
export interface Actor {
  readonly type: ActorType;
  readonly id: string;
}

/** Where a role applies. The system is one; its id is always `system`. */
export interface Target {
  readonly type: TargetType;
  readonly id: string;
}

/**
 * The one system there is. Keystone keeps its grants in a table of their own; here they are assignments like all
 * others.
 */
export const systemTarget: Target = { type: 'system', id: 'system' };

/** A role that an actor has on a target, or, inherited, on all projects below the target. */
export interface Assignment {
  readonly actor: Actor;
  readonly target: Target;
  readonly roleId: string;
  readonly inherited: boolean;
}

/**
 * Who has which role on what. Actor and target are no foreign keys, since their `…_type` says which table they are
 * in: who deletes one of them removes its assignments in the same change. A deleted role takes its own along.
 */
export interface AssignmentTables {
  identity_assignments: {
    actor_type: ActorType;
    actor_id: string;
    target_type: TargetType;
    target_id: string;
    role_id: string;
    inherited: Bit;
  };
}

/**
 * Which assignments are meant: those that meet all conditions given. An empty list of actors or targets matches none.
 */
export interface AssignmentFilter {
  /** Any of these. */
  readonly actors?: readonly Actor[];
  /** Any of these. */
  readonly targets?: readonly Target[];
  readonly roleId?: string;
  readonly inherited?: boolean;
}

type Trx = Transaction<AssignmentTables>;

/** The role assignments' only SQL. */
export class AssignmentStore {
  readonly #db: Kysely<AssignmentTables>;

  constructor(db: Kysely<AssignmentTables>) {
    this.#db = db;
  }

  async list(filter: AssignmentFilter, db: Kysely<AssignmentTables> | Trx = this.#db): Promise<Assignment[]> {
    const { actors, targets, roleId, inherited } = filter;
    if (actors?.length === 0 || targets?.length === 0) return [];
    let query = db.selectFrom('identity_assignments').selectAll();
    if (actors) {
      query = query.where((eb) =>
        eb.or(
          byType(actors).map(([type, ids]) =>
            eb.and([eb('actor_type', '=', type), eb('actor_id', 'in', ids)]),
          ),
        ),
      );
    }
    if (targets) {
      query = query.where((eb) =>
        eb.or(
          byType(targets).map(([type, ids]) =>
            eb.and([eb('target_type', '=', type), eb('target_id', 'in', ids)]),
          ),
        ),
      );
    }
    if (roleId !== undefined) query = query.where('role_id', '=', roleId);
    if (inherited !== undefined) query = query.where('inherited', '=', bit(inherited));
    const rows = await query
      .orderBy('actor_type', 'desc')
      .orderBy('actor_id')
      .orderBy('target_type')
      .orderBy('target_id')
      .orderBy('role_id')
      .execute();
    return rows.map(fromRow);
  }

  async has(assignment: Assignment): Promise<boolean> {
    const found = await this.list({
      actors: [assignment.actor],
      targets: [assignment.target],
      roleId: assignment.roleId,
      inherited: assignment.inherited,
    });
    return found.length > 0;
  }

  /** Inserts an assignment; that it is there already is no matter. */
  async insert(trx: Trx, assignment: Assignment): Promise<void> {
    await trx
      .insertInto('identity_assignments')
      .values(toRow(assignment))
      .onConflict((c) => c.doNothing())
      .execute();
  }

  /** Deletes an assignment; answers whether it was there. */
  async remove(trx: Trx, assignment: Assignment): Promise<boolean> {
    const row = toRow(assignment);
    const result = await trx
      .deleteFrom('identity_assignments')
      .where('actor_type', '=', row.actor_type)
      .where('actor_id', '=', row.actor_id)
      .where('target_type', '=', row.target_type)
      .where('target_id', '=', row.target_id)
      .where('role_id', '=', row.role_id)
      .where('inherited', '=', row.inherited)
      .executeTakeFirst();
    return changedOne(result);
  }

  async removeOfActors(trx: Trx, type: ActorType, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx
      .deleteFrom('identity_assignments')
      .where('actor_type', '=', type)
      .where('actor_id', 'in', ids)
      .execute();
  }

  /** Deletes what stands on these projects or domains, which share one kind of id. */
  async removeOfTargets(trx: Trx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx
      .deleteFrom('identity_assignments')
      .where('target_type', 'in', ['project', 'domain'])
      .where('target_id', 'in', ids)
      .execute();
  }
}

function byType<Type extends string>(items: readonly { type: Type; id: string }[]): [Type, string[]][] {
  const groups = new Map<Type, string[]>();
  for (const { type, id } of items) groups.set(type, [...(groups.get(type) ?? []), id]);
  return [...groups];
}

const fromRow = (row: AssignmentTables['identity_assignments']): Assignment => ({
  actor: { type: row.actor_type, id: row.actor_id },
  target: { type: row.target_type, id: row.target_id },
  roleId: row.role_id,
  inherited: row.inherited === 1,
});

const toRow = (assignment: Assignment): AssignmentTables['identity_assignments'] => ({
  actor_type: assignment.actor.type,
  actor_id: assignment.actor.id,
  target_type: assignment.target.type,
  target_id: assignment.target.id,
  role_id: assignment.roleId,
  inherited: bit(assignment.inherited),
});
