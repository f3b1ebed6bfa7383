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

/** Whether the disk under the database is full. */
export function isDiskFull(error: unknown): boolean {
  const e = error as { code?: string; errcode?: number } | undefined;
  return e?.errcode === 13 || e?.code === '53100' || e?.code === 'ENOSPC';
}
