/**
 * Column types of OVSDB tables (RFC 7047 section 5.1): how a value looks in TypeScript, how on the wire, and how a
 * monitor's difference changes it. Atoms are text, integers, truth values and references; the rest is made of them.
 */

/** A value as the protocol writes it: an atom, `["uuid", id]`, `["set", […]]` or `["map", [[key, value], …]]`. */
export type Wire = string | number | boolean | readonly Wire[];

/** One column's type. `T` is its value in TypeScript. */
export interface Column<T> {
  /** The value a row has when the server leaves the column out. */
  readonly empty: T;
  encode(value: T): Wire;
  decode(wire: Wire): T;
  /** The value after a `modify` of `monitor_cond`: sets and maps come as differences, everything else as new values. */
  patch(old: T, difference: Wire): T;
  same(a: T, b: T): boolean;
}

/** TypeScript's type of a column's value. */
export type ValueOf<C> = C extends Column<infer T> ? T : never;

const atom = <T extends string | number | boolean>(empty: T): Column<T> => ({
  empty,
  encode: (value) => value,
  decode: (wire) => wire as T,
  patch: (_old, wire) => wire as T,
  same: (a, b) => a === b,
});

/** Text; empty unless the server says otherwise. */
export const text = atom<string>('');
/** A whole number; 0 unless the server says otherwise. */
export const integer = atom<number>(0);
/** A truth value; false unless the server says otherwise. */
export const truth = atom<boolean>(false);

const wireUuid = (wire: Wire): string => (wire as readonly string[])[1]!;

/** A reference to a row, strong or weak: its UUID. */
export const ref: Column<string> = {
  empty: '00000000-0000-0000-0000-000000000000',
  encode: (value) => ['uuid', value],
  decode: wireUuid,
  patch: (_old, wire) => wireUuid(wire),
  same: (a, b) => a === b,
};

/** The elements of a set, which the server writes bare when there is just one. */
const elementsOf = (wire: Wire): readonly Wire[] =>
  Array.isArray(wire) && wire[0] === 'set' ? (wire[1] as readonly Wire[]) : [wire];

/** At most one atom; null for none. */
export const optional = <T>(of: Column<T>): Column<T | null> => {
  const decode = (wire: Wire): T | null => {
    const [element] = elementsOf(wire);
    return element === undefined ? null : of.decode(element);
  };
  return {
    empty: null,
    encode: (value) => ['set', value === null ? [] : [of.encode(value)]],
    decode,
    patch: (_old, wire) => decode(wire),
    same: (a, b) => a === b,
  };
};

/** Any number of atoms. Their order means nothing; a difference holds those that came and those that went. */
export const setOf = <T extends string | number>(of: Column<T>): Column<readonly T[]> => ({
  empty: [],
  encode: (value) => ['set', value.map((element) => of.encode(element))],
  decode: (wire) => elementsOf(wire).map((element) => of.decode(element)),
  patch: (old, wire) => {
    const next = new Set(old);
    for (const element of elementsOf(wire)) {
      const value = of.decode(element);
      if (!next.delete(value)) next.add(value);
    }
    return [...next];
  },
  same: (a, b) => {
    if (a.length !== b.length) return false;
    const other = new Set(b);
    return a.every((element) => other.has(element));
  },
});

/** Texts by text: `external_ids`, `options` and the like. */
export type TextMap = Readonly<Record<string, string>>;

const pairsOf = (wire: Wire): readonly (readonly [string, string])[] =>
  (wire as readonly Wire[])[1] as unknown as readonly (readonly [string, string])[];

/** Text by text. A difference holds new and changed pairs, and unchanged ones for those that went. */
export const textMap: Column<TextMap> = {
  empty: {},
  encode: (value) => ['map', Object.entries(value)],
  decode: (wire) => Object.fromEntries(pairsOf(wire)),
  patch: (old, wire) => {
    const next = new Map(Object.entries(old));
    for (const [key, value] of pairsOf(wire)) {
      if (next.get(key) === value) next.delete(key);
      else next.set(key, value);
    }
    return Object.fromEntries(next);
  },
  same: (a, b) => {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
  },
};
