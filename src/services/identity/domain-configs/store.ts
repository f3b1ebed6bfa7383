import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import type { Cipher } from '../credentials/store.ts';
import { isSensitive } from './options.ts';

/** One option of a domain. */
export interface DomainOption {
  readonly group: string;
  readonly option: string;
  /** Any JSON value. */
  readonly value: unknown;
}

/** A part of a domain's options. */
export interface DomainConfigPart {
  readonly group?: string;
  readonly option?: string;
}

/** A row per option that is set. `value` is JSON text, encrypted for sensitive options; rows go with their domain. */
export interface DomainConfigTables {
  identity_domain_options: { domain_id: string; group_name: string; option_name: string; value: string };
}

type Trx = Transaction<DomainConfigTables>;

/** The only SQL of domains' options. Sensitive values are encrypted. */
export class DomainConfigStore {
  readonly #db: Kysely<DomainConfigTables>;
  readonly #cipher: Cipher;

  constructor(db: Kysely<DomainConfigTables>, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  async list(domainId: string, { group, option }: DomainConfigPart = {}): Promise<DomainOption[]> {
    let query = this.#db.selectFrom('identity_domain_options').selectAll().where('domain_id', '=', domainId);
    if (group !== undefined) query = query.where('group_name', '=', group);
    if (option !== undefined) query = query.where('option_name', '=', option);
    const rows = await query.orderBy('group_name').orderBy('option_name').execute();
    return rows.map((row) => ({
      group: row.group_name,
      option: row.option_name,
      value: fromJson(
        isSensitive(row.group_name, row.option_name) ? this.#cipher.decrypt(row.value) : row.value,
      ),
    }));
  }

  /** Sets these options and leaves the others. */
  async set(trx: Trx, domainId: string, options: readonly DomainOption[]): Promise<void> {
    for (const { group, option, value } of options) {
      const text = toJson(value);
      const row = {
        domain_id: domainId,
        group_name: group,
        option_name: option,
        value: isSensitive(group, option) ? this.#cipher.encrypt(text) : text,
      };
      await trx
        .insertInto('identity_domain_options')
        .values(row)
        .onConflict((c) =>
          c.columns(['domain_id', 'group_name', 'option_name']).doUpdateSet({ value: row.value }),
        )
        .execute();
    }
  }

  async remove(trx: Trx, domainId: string, { group, option }: DomainConfigPart = {}): Promise<void> {
    let query = trx.deleteFrom('identity_domain_options').where('domain_id', '=', domainId);
    if (group !== undefined) query = query.where('group_name', '=', group);
    if (option !== undefined) query = query.where('option_name', '=', option);
    await query.execute();
  }
}
