/** Column conventions shared by every store: what SQLite and PostgreSQL both hold natively. */

/** A truth value is stored as 0 or 1. */
export type Bit = 0 | 1;
/** What a truth value is stored as. */
export const bit = (value: boolean): Bit => (value ? 1 : 0);

/** A JSON value is stored as text; `json<T>` columns are written with {@link toJson} and read with {@link fromJson}. */
export const toJson = (value: unknown): string => JSON.stringify(value);
/** The value that {@link toJson} made text of; the caller knows its type. */
export const fromJson = <T>(text: string): T => JSON.parse(text) as T;

/** Names what a compare-and-set found: whether exactly the expected row was there to change. */
export const changedOne = (result: { numUpdatedRows: bigint } | { numDeletedRows: bigint }): boolean =>
  ('numUpdatedRows' in result ? result.numUpdatedRows : result.numDeletedRows) === 1n;
