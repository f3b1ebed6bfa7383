import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page, type TextMatch } from '../listing.ts';

/** A document other programs keep here, e.g. their policy rules. Identity itself takes no notice of it. */
export interface PolicyDocument {
  readonly id: string;
  /** A media type, e.g. `application/json`. */
  readonly type: string;
  readonly blob: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Rows of policy documents, the blob as it was given. */
export interface PolicyTables {
  identity_policies: { id: string; type: string; blob: string; extra: string };
}

type Trx = Transaction<PolicyTables>;

/** The policy documents' only SQL. */
export class PolicyStore {
  readonly #db: Kysely<PolicyTables>;

  constructor(db: Kysely<PolicyTables>) {
    this.#db = db;
  }

  async list(
    filter: { readonly type?: string; readonly matches?: readonly TextMatch[] },
    page: Page = {},
  ): Promise<PolicyDocument[]> {
    let query = this.#db.selectFrom('identity_policies').selectAll();
    if (filter.type !== undefined) query = query.where('type', '=', filter.type);
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<PolicyDocument | undefined> {
    const row = await this.#db
      .selectFrom('identity_policies')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async insert(trx: Trx, policy: PolicyDocument): Promise<void> {
    await trx.insertInto('identity_policies').values(toRow(policy)).execute();
  }

  async update(trx: Trx, policy: PolicyDocument): Promise<void> {
    const { id, ...rest } = toRow(policy);
    await trx.updateTable('identity_policies').set(rest).where('id', '=', id).execute();
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_policies').where('id', '=', id).execute();
  }
}

const fromRow = (row: PolicyTables['identity_policies']): PolicyDocument => ({
  id: row.id,
  type: row.type,
  blob: row.blob,
  extra: fromJson(row.extra),
});

const toRow = (policy: PolicyDocument): PolicyTables['identity_policies'] => ({
  id: policy.id,
  type: policy.type,
  blob: policy.blob,
  extra: toJson(policy.extra),
});
