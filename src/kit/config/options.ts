import { parse as parseToml } from 'smol-toml';

/** One setting: its type shows in its default, its help in the generated reference. */
export interface Option<T> {
  readonly default: T;
  readonly help: string;
  /** Throws with a message a person can act on when the value is not usable. */
  read(value: unknown): T;
}

const fail = (expected: string, value: unknown): never => {
  throw new Error(`expected ${expected}, got ${JSON.stringify(value)}`);
};

/** Any text. */
export const text = (defaultValue: string, help: string): Option<string> => ({
  default: defaultValue,
  help,
  read: (value) => (typeof value === 'string' ? value : fail('text', value)),
});

/** One of a few words. */
export const oneOf = <const T extends string>(
  words: readonly T[],
  defaultValue: NoInfer<T>,
  help: string,
): Option<T> => ({
  default: defaultValue,
  help: `${help} One of ${words.map((w) => `\`${w}\``).join(', ')}.`,
  read: (value) => (words.includes(value as T) ? (value as T) : fail(`one of ${words.join(', ')}`, value)),
});

/** A number, whole or not, from `min` to `max`. */
export const number = (
  defaultValue: number,
  help: string,
  range: { min?: number; max?: number } = {},
): Option<number> => ({
  default: defaultValue,
  help,
  read: (value) => {
    const { min = -Infinity, max = Infinity } = range;
    if (typeof value !== 'number' || value < min || value > max)
      return fail(`a number from ${min} to ${max}`, value);
    return value;
  },
});

/** True or false. */
export const flag = (defaultValue: boolean, help: string): Option<boolean> => ({
  default: defaultValue,
  help,
  read: (value) => (typeof value === 'boolean' ? value : fail('true or false', value)),
});

/** A list of texts. */
export const list = (defaultValue: readonly string[], help: string): Option<readonly string[]> => ({
  default: defaultValue,
  help,
  read: (value) =>
    Array.isArray(value) && value.every((v) => typeof v === 'string')
      ? value
      : fail('a list of texts', value),
});

/** The options of one `[section]` of the configuration file. */
export type Section = Readonly<
  Record<
    string,
    Option<never> | Option<string> | Option<number> | Option<boolean> | Option<readonly string[]>
  >
>;
/** Every section of the file, by name. */
export type Sections = Readonly<Record<string, Section>>;

type ValueOf<O> = O extends Option<infer T> ? T : never;
/** The values of a section, typed from its declaration. */
export type Values<S extends Section> = { readonly [K in keyof S]: ValueOf<S[K]> };
/** The values of every section, typed from their declarations. */
export type Config<S extends Sections> = { readonly [K in keyof S]: Values<S[K]> };

/** Thrown with every problem of a configuration file at once. */
export class ConfigError extends Error {}

/** Reads TOML against the declared sections. Unknown sections and options are refused: a typing error must not pass silently. */
export function readConfig<S extends Sections>(sections: S, toml: string): Config<S> {
  let given: Record<string, unknown>;
  try {
    given = parseToml(toml);
  } catch (error) {
    throw new ConfigError(`the configuration is not TOML: ${(error as Error).message}`);
  }
  const problems: string[] = [];
  for (const name of Object.keys(given))
    if (!Object.hasOwn(sections, name)) problems.push(`[${name}]: no such section`);
  const config = Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [
      name,
      readSection(name, section, given[name] ?? {}, problems),
    ]),
  );
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config as Config<S>;
}

function readSection(
  name: string,
  section: Section,
  given: unknown,
  problems: string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push(`${name}: expected a section, written [${name}]`);
    return values;
  }
  const table = given as Record<string, unknown>;
  for (const key of Object.keys(table))
    if (!Object.hasOwn(section, key)) problems.push(`[${name}] ${key}: no such option`);
  for (const [key, option] of Object.entries(section)) {
    try {
      values[key] = table[key] === undefined ? option.default : option.read(table[key]);
    } catch (error) {
      problems.push(`[${name}] ${key}: ${(error as Error).message}`);
    }
  }
  return values;
}

/** The reference of every option in Markdown, made from the declarations. */
export function describeConfig(sections: Sections): string {
  const lines: string[] = [];
  for (const [name, section] of Object.entries(sections)) {
    lines.push(`## [${name}]`, '', '| option | default | meaning |', '|---|---|---|');
    for (const [key, option] of Object.entries(section)) {
      lines.push(`| \`${key}\` | \`${JSON.stringify(option.default)}\` | ${option.help} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}
