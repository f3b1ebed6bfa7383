/** A hint that names servers: one id or a list of them. */
export const idsOf = (hint: unknown): string[] =>
  hint === undefined || hint === null ? [] : [hint].flat().map(String);

/** The server group a hint names. */
export const groupOf = (hints: Readonly<Record<string, unknown>>): string | undefined =>
  idsOf(hints.group)[0];
