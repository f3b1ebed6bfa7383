import { statSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type * as Yaml from 'yaml';

import { forbidden } from '../errors/cloud-error.ts';
import { type Credentials, type Scope, scopeOf } from './credentials.ts';
import {
  type Check,
  type CheckContext,
  type Creds,
  type CustomChecks,
  parseRule,
  type Target,
} from './rule-parser.ts';

/** A policy rule as a service declares it: OpenStack's own name, oslo.policy syntax, and what it guards. */
export interface PolicyRule {
  readonly name: string;
  readonly check: string;
  readonly description: string;
  /** Tokens of another scope are refused before the check runs. Left out: any scope. */
  readonly scopes?: readonly Scope[];
}

/** Declares a rule; scopes default to any. */
export const rule = (
  name: string,
  check: string,
  description: string,
  scopes?: readonly Scope[],
): PolicyRule => ({
  name,
  check,
  description,
  ...(scopes && { scopes }),
});

interface Compiled {
  readonly check: Check;
  readonly scopes: readonly Scope[] | undefined;
}

const maxDepth = 64;

/**
 * The policy of one service: its default rules and an operator's overrides from a YAML file of `name: rule` lines,
 * as oslo.policy reads them. The file is looked at again at most once a second, when it changed.
 */
export class Policy {
  readonly #defaults: ReadonlyMap<string, PolicyRule>;
  readonly #custom: CustomChecks;
  readonly #file: string | undefined;
  readonly #onProblem: (problem: string) => void;
  #rules = new Map<string, Compiled>();
  #fileStamp = '';
  #lookedAt = 0;

  constructor(
    rules: readonly PolicyRule[],
    options: { custom?: CustomChecks; file?: string; onProblem?: (problem: string) => void } = {},
  ) {
    this.#defaults = new Map(rules.map((r) => [r.name, r]));
    if (this.#defaults.size !== rules.length)
      throw new Error(`policy rule declared twice: ${duplicateOf(rules)}`);
    this.#custom = options.custom ?? {};
    this.#file = options.file;
    this.#onProblem = options.onProblem ?? (() => {});
    this.#rules = this.#compile({});
    this.#refresh();
  }

  /** The names of every rule, for the policy list and the authorization tests. */
  get names(): string[] {
    return [...this.#defaults.keys()];
  }

  has(name: string): boolean {
    return this.#defaults.has(name);
  }

  /** Whether the caller may do what `name` guards to `target`. */
  allows(name: string, credentials: Credentials, target: Target = {}): boolean {
    this.#refresh();
    const compiled = this.#rules.get(name);
    if (!compiled) throw new Error(`no such policy rule: ${name}`);
    if (compiled.scopes && !compiled.scopes.includes(scopeOf(credentials))) return false;
    return this.#evaluate(compiled, credsOf(credentials), target, 0);
  }

  /** Throws `forbidden` in OpenStack's words unless {@link allows}. */
  enforce(name: string, credentials: Credentials, target: Target = {}): void {
    if (!this.allows(name, credentials, target)) {
      throw forbidden(`Policy doesn't allow ${name} to be performed.`, {
        type: 'PolicyNotAuthorized',
        code: name,
      });
    }
  }

  #evaluate(compiled: Compiled, creds: Creds, target: Target, depth: number): boolean {
    if (depth > maxDepth) throw new Error('policy rules refer to each other in a circle');
    const context: CheckContext = {
      creds,
      target,
      rule: (name) => {
        const other = this.#rules.get(name);
        return other ? this.#evaluate(other, creds, target, depth + 1) : false;
      },
    };
    return compiled.check(context);
  }

  #refresh(): void {
    if (!this.#file) return;
    const now = Date.now();
    if (now - this.#lookedAt < 1000) return;
    this.#lookedAt = now;
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    const stamp = stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : '';
    if (stamp === this.#fileStamp) return;
    this.#fileStamp = stamp;
    try {
      this.#rules = this.#compile(stat ? readOverrides(this.#file) : {});
    } catch (error) {
      // an unreadable file never opens what was closed: the rules in force stay in force
      this.#onProblem(`policy file ${this.#file} is not used: ${String(error)}`);
    }
  }

  #compile(overrides: Record<string, string>): Map<string, Compiled> {
    const rules = new Map<string, Compiled>();
    for (const [name, declared] of this.#defaults) {
      rules.set(name, {
        check: parseRule(overrides[name] ?? declared.check, this.#custom),
        scopes: declared.scopes,
      });
    }
    for (const [name, text] of Object.entries(overrides)) {
      if (!rules.has(name)) rules.set(name, { check: parseRule(text, this.#custom), scopes: undefined });
    }
    return rules;
  }
}

/** Most clouds override nothing and never load it. */
const loadYaml = (): Pick<typeof Yaml, 'parse'> => createRequire(import.meta.url)('yaml') as typeof Yaml;

function readOverrides(file: string): Record<string, string> {
  const { parse } = loadYaml();
  const parsed: unknown = parse(readFileSync(file, 'utf8')) ?? {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error('expected lines of `name: rule`');
  return Object.fromEntries(
    Object.entries(parsed as object).map(([name, text]) => [name, String(text ?? '')]),
  );
}

const duplicateOf = (rules: readonly PolicyRule[]): string =>
  rules.find((r, i) => rules.findIndex((other) => other.name === r.name) !== i)!.name;

const credsCache = new WeakMap<Credentials, Creds>();

/** The attribute names oslo.policy rules use for a caller. */
function credsOf(credentials: Credentials): Creds {
  let creds = credsCache.get(credentials);
  if (!creds) {
    creds = {
      roles: credentials.roles,
      user_id: credentials.userId,
      user_domain_id: credentials.userDomainId,
      project_id: credentials.projectId ?? null,
      tenant_id: credentials.projectId ?? null,
      project_domain_id: credentials.projectDomainId ?? null,
      domain_id: credentials.domainId ?? null,
      system_scope: credentials.system ? 'all' : null,
      is_admin: credentials.roles.includes('admin'),
    };
    credsCache.set(credentials, creds);
  }
  return creds;
}
