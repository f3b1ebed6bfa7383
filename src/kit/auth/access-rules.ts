import { linearRegExp } from '../regexp/linear.ts';

/** One kind of request a token may make, and no other: e.g. `GET` of `/v2.1/servers/*` at `compute`. */
export interface AccessRule {
  readonly service: string;
  readonly path: string;
  readonly method: string;
}

const patterns = new Map<string, RegExp>();

/**
 * Whether any rule lets a request to this service through, as keystonemiddleware decides: in a rule's path `*` and
 * `{name}` stand for one part of a path, `**` for any number. `path` is without its query.
 */
export function allowedBy(
  rules: readonly AccessRule[],
  request: { readonly service: string; readonly method: string; readonly path: string },
): boolean {
  // any token may be validated: a service must be able to ask about it
  if (request.service === 'identity' && request.method === 'GET' && request.path.endsWith('/v3/auth/tokens'))
    return true;
  return rules.some(
    (rule) =>
      rule.service === request.service &&
      rule.method === request.method &&
      patternOf(rule.path).test(request.path),
  );
}

function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (!pattern) {
    const source = path.replace(/\*\*|\*|\{[^}]*\}|[^*{]+|\{/g, (part) => {
      if (part === '**') return '.*';
      if (part === '*' || /^\{.*\}$/.test(part)) return '[^/]+';
      return RegExp.escape(part);
    });
    // whoever made the rule wrote the path
    pattern = linearRegExp(`^${source}$`);
    if (patterns.size < 4096) patterns.set(path, pattern);
  }
  return pattern;
}
