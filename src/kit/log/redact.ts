/** Keys whose values never reach a log. */
const secret = new Set([
  'token',
  'password',
  'adminPass',
  'secret',
  'original_password',
  'private_key',
  'x-auth-token',
  'x-subject-token',
]);

/** No line of ours is deeper; what is, is cut off there. */
const deepest = 8;

/**
 * What of `value` may be logged: the same object when it holds no secret, else a copy with the secrets' values replaced.
 * Errors pass: their serializer makes a plain object of them first. Every line goes through here, so nothing is copied
 * without need.
 */
export function withoutSecrets<Shown extends object>(value: Shown, depth = 0): Shown {
  let shown: Record<string, unknown> | undefined;
  for (const key in value) {
    const field: unknown = value[key];
    const safe = secret.has(key) ? '(redacted)' : withoutSecretsIn(field, depth);
    if (safe === field || field === undefined) continue;
    shown ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
    shown[key] = safe;
  }
  return (shown as Shown | undefined) ?? value;
}

function withoutSecretsIn(field: unknown, depth: number): unknown {
  if (typeof field !== 'object' || field === null || field instanceof Error) return field;
  return depth < deepest ? withoutSecrets(field, depth + 1) : '(too deep)';
}
