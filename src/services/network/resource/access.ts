import type { Target } from '#kit/auth/rule-parser.ts';
import { forbidden } from '#kit/errors/cloud-error.ts';

import { ruleNames } from '../policies.ts';
import type { Attribute, Values } from './attribute.ts';
import type { NetworkCall } from './call.ts';
import type { Noun } from './noun.ts';

/**
 * Attribute-level policy as neutron/policy.py has it: an attribute with rules of its own is checked when it is set, and
 * hidden when the caller may not see it.
 */

/**
 * What the rule of a create is checked against before the body says whose things are meant: the caller's own project in
 * every part. Whoever fails this could not make anything; whoever passes is checked again once the body is known.
 */
export function ownTarget(_resource: unknown, call: NetworkCall): Target {
  const { projectId } = call.auth;
  return {
    project_id: projectId,
    'network:project_id': projectId,
    'security_group:project_id': projectId,
    shared: true,
    'router:external': true,
  };
}

type AnyNoun = Pick<Noun<never>, 'name' | 'attributes'>;

/** Enforces `action` and the rules of the attributes that are `set`, and of the keys inside them. */
export function enforceAttributes(
  call: NetworkCall,
  action: 'create' | 'update',
  noun: AnyNoun,
  target: Target,
  set: readonly string[],
): void {
  const rule = `${action}_${noun.name}`;
  call.enforce(rule, target);
  for (const name of set) {
    if (!(noun.attributes[name] as Attribute).guarded) continue;
    enforceIfDeclared(call, `${rule}:${name}`, target);
    for (const key of innerKeys(target[name])) enforceIfDeclared(call, `${rule}:${name}:${key}`, target);
  }
}

/** Rules nobody declared fall back to `default`, as in oslo.policy. */
function enforceIfDeclared(call: NetworkCall, rule: string, target: Target): void {
  if (ruleNames.has(rule)) call.enforce(rule, target);
  else if (!call.allows('default', target))
    throw forbidden(rule, { type: 'PolicyNotAuthorized', code: rule });
}

function innerKeys(value: unknown): string[] {
  const objects = Array.isArray(value) ? value : [value];
  return [...new Set(objects.flatMap((v) => (typeof v === 'object' && v !== null ? Object.keys(v) : [])))];
}

/** Attributes of each noun that only some may see, with their rules. */
const guardedViews = new Map<string, readonly (readonly [string, string])[]>();

function guardedViewOf(noun: AnyNoun): readonly (readonly [string, string])[] {
  let guarded = guardedViews.get(noun.name);
  if (!guarded) {
    guarded = Object.keys(noun.attributes)
      .map((name) => [name, `get_${noun.name}:${name}`] as const)
      .filter(([, rule]) => ruleNames.has(rule));
    guardedViews.set(noun.name, guarded);
  }
  return guarded;
}

/** The attributes hidden from the caller, judged by one row for all of a list, as Neutron does. */
export const hiddenAttributes = (call: NetworkCall, noun: AnyNoun, target: Target): string[] =>
  guardedViewOf(noun)
    .filter(([, rule]) => !call.allows(rule, target))
    .map(([name]) => name);

/** A representation without what the caller may not or does not want to see. */
export function trimmed(
  representation: Values,
  hidden: readonly string[],
  fields: ReadonlySet<string> | undefined,
): Values {
  // JSON leaves out what is undefined, and `delete` would slow everything that follows down
  for (const name of hidden) representation[name] = undefined;
  if (!fields) return representation;
  return Object.fromEntries(Object.entries(representation).filter(([name]) => fields.has(name)));
}
