/** Whether an insert or update failed because the row is there already (unique index), on either engine. */
export function isUniqueViolation(error: unknown): boolean {
  const e = error as { code?: string; errcode?: number } | undefined;
  // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY; PostgreSQL unique_violation
  return e?.errcode === 2067 || e?.errcode === 1555 || e?.code === '23505';
}

/** Whether a write failed because another row refers to this one (foreign key), on either engine. */
export function isForeignKeyViolation(error: unknown): boolean {
  const e = error as { code?: string; errcode?: number } | undefined;
  return e?.errcode === 787 || e?.code === '23503';
}

/** SQLITE_FULL, SQLITE_IOERR_SHMSIZE: the data find no room, or the index of the log does not. */
const sqliteFull: ReadonlySet<number | undefined> = new Set([13, 4874]);

/** Whether the database could not write for want of room, on either engine. */
export function isDatabaseFull(error: unknown): boolean {
  const e = error as { code?: string; errcode?: number } | undefined;
  return sqliteFull.has(e?.errcode) || e?.code === '53100';
}
