/**
 * oslo.policy's rule language, compiled to closures. Follows oslo_policy/_parser.py and _checks.py:
 * `role:x`, `rule:x`, `@`, `!`, `and`, `or`, `not`, parentheses, and generic checks `left:%(right)s`.
 */

/** Attributes of the object acted on, e.g. `{project_id: …}`; keys may hold dots and colons. */
export type Target = Readonly<Record<string, unknown>>;

/** The caller's attributes, flattened as oslo.policy sees them. */
export interface Creds {
  readonly roles: readonly string[];
  readonly [key: string]: unknown;
}

/** What a check may ask of the engine that runs it. */
export interface CheckContext {
  readonly target: Target;
  readonly creds: Creds;
  /** Evaluates another rule by name; unknown names are false. */
  rule(name: string): boolean;
}

/** A rule, or part of one, ready to be asked. */
export type Check = (context: CheckContext) => boolean;

/** Checks of a service's own kind, e.g. Neutron's `field:networks:shared=True`. */
export type CustomChecks = Readonly<Record<string, (match: string) => Check>>;

/** Thrown for a rule that cannot be read; names the rule text. */
export class RuleSyntaxError extends Error {}

const always: Check = () => true;
const never: Check = () => false;

/** Compiles rule text. Throws {@link RuleSyntaxError}. An empty rule allows everyone, as in oslo.policy. */
export function parseRule(text: string, custom: CustomChecks = {}): Check {
  const tokens = tokenize(text);
  if (tokens.length === 0) return always;
  const parser = new Parser(tokens, text, custom);
  const check = parser.expression();
  parser.end();
  return check;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const opening = /^\(*/.exec(word)![0].length;
    const rest = word.slice(opening);
    // a closing parenthesis belongs to the check itself only in %(name)s, which never ends a word
    const closing = /\)*$/.exec(rest)![0].length;
    tokens.push(...'('.repeat(opening));
    const body = rest.slice(0, rest.length - closing);
    if (body) tokens.push(body);
    tokens.push(...')'.repeat(closing));
  }
  return tokens;
}

class Parser {
  readonly #tokens: string[];
  readonly #text: string;
  readonly #custom: CustomChecks;
  #at = 0;

  constructor(tokens: string[], text: string, custom: CustomChecks) {
    this.#tokens = tokens;
    this.#text = text;
    this.#custom = custom;
  }

  expression(): Check {
    const checks = [this.#conjunction()];
    while (this.#accept('or')) checks.push(this.#conjunction());
    return checks.length === 1 ? checks[0]! : (c) => checks.some((check) => check(c));
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#fail();
  }

  #conjunction(): Check {
    const checks = [this.#term()];
    while (this.#accept('and')) checks.push(this.#term());
    return checks.length === 1 ? checks[0]! : (c) => checks.every((check) => check(c));
  }

  #term(): Check {
    if (this.#accept('not')) {
      const inner = this.#term();
      return (c) => !inner(c);
    }
    if (this.#accept('(')) {
      const inner = this.expression();
      if (!this.#accept(')')) throw this.#fail();
      return inner;
    }
    const token = this.#tokens[this.#at++];
    if (token === undefined || [')', 'and', 'or'].includes(token.toLowerCase())) throw this.#fail();
    return atom(token, this.#custom, this.#text);
  }

  #accept(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #fail(): RuleSyntaxError {
    return new RuleSyntaxError(`cannot read policy rule: ${this.#text}`);
  }
}

function atom(token: string, custom: CustomChecks, text: string): Check {
  if (token === '@') return always;
  if (token === '!') return never;
  const colon = splitAt(token);
  if (colon < 0) throw new RuleSyntaxError(`cannot read policy rule: ${text}`);
  const kind = token.slice(0, colon);
  const match = token.slice(colon + 1);
  const own = custom[kind];
  if (own) return own(match);
  if (kind === 'rule') return (c) => c.rule(match);
  if (kind === 'role') return roleCheck(match);
  return genericCheck(kind, match);
}

/** The colon that parts kind from match; a quoted kind may itself hold colons. */
function splitAt(token: string): number {
  const quote = token[0];
  if (quote === "'" || quote === '"') {
    const closing = token.indexOf(quote, 1);
    return closing < 0 ? -1 : token.indexOf(':', closing);
  }
  return token.indexOf(':');
}

function roleCheck(match: string): Check {
  const role = template(match);
  return (c) => {
    const wanted = role(c.target)?.toLowerCase();
    return wanted !== undefined && c.creds.roles.some((r) => r.toLowerCase() === wanted);
  };
}

function genericCheck(kind: string, match: string): Check {
  const expected = template(match);
  const literal = literalOf(kind);
  if (literal !== undefined) return (c) => expected(c.target) === literal;
  const path = kind.split('.');
  return (c) => {
    const wanted = expected(c.target);
    return wanted !== undefined && contains(lookup(c.creds, kind, path), wanted);
  };
}

/** `%(name)s` templates; undefined when the target lacks the name, which makes the check false. */
function template(match: string): (target: Target) => string | undefined {
  const whole = /^%\(([^)]*)\)s$/.exec(match);
  if (whole) return (target) => stringOf(targetValue(target, whole[1]!));
  if (!match.includes('%(')) return () => match;
  return (target) => {
    let missing = false;
    const text = match.replace(/%\(([^)]*)\)s/g, (_, name: string) => {
      const value = stringOf(targetValue(target, name));
      if (value === undefined) missing = true;
      return value ?? '';
    });
    return missing ? undefined : text;
  };
}

const targetValue = (target: Target, name: string): unknown =>
  name in target ? target[name] : lookup(target, name, name.split('.'));

const lookup = (from: object, name: string, path: string[]): unknown => {
  const flat = (from as Record<string, unknown>)[name];
  if (flat !== undefined || path.length === 1) return flat;
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], from);
};

/** Python's `str()` of a JSON value, since rules compare text. */
function stringOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value as string | number);
}

const contains = (value: unknown, wanted: string): boolean =>
  Array.isArray(value) ? value.some((v) => stringOf(v) === wanted) : stringOf(value) === wanted;

function literalOf(kind: string): string | undefined {
  if (kind === 'True' || kind === 'False' || kind === 'None' || /^-?\d+$/.test(kind)) return kind;
  return /^(['"]).*\1$/.test(kind) ? kind.slice(1, -1) : undefined;
}
