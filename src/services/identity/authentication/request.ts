import { badRequest } from '#kit/errors/cloud-error.ts';
import { Validator } from '#kit/http/validation.ts';

import { expecting } from '../errors.ts';
import { authSchema, type AuthRequest } from './schema.ts';

const validator = new Validator(authSchema);

/** What a body asks for a token with. Throws `badRequest` as keystone/auth/schema.py and keystone/auth/core.py word it. */
export function readAuthRequest(body: unknown): AuthRequest {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
    throw expecting('valid JSON', 'request body');
  const auth = (body as { auth?: unknown } | undefined)?.auth;
  if (auth === undefined || auth === null) throw expecting('auth', 'request body');
  const problem = validator.check(auth, 0);
  if (problem) {
    const { path, message } = problem;
    // no value is said back: it may be a password
    throw badRequest(path.length === 0 ? message : `Invalid input for field '${path.join('/')}': ${message}`);
  }
  requireNames(auth as AuthRequest);
  return auth as AuthRequest;
}

/** Who or what is named must be named by id or by name. */
function requireNames({ identity, scope }: AuthRequest): void {
  const user = identity.password?.user;
  requireName(user, 'identity/password/user');
  requireName(user?.domain, 'identity/password/user/domain');
  if (typeof scope !== 'object') return;
  requireName(scope.project, 'scope/project');
  requireName(scope.project?.domain, 'scope/project/domain');
  requireName(scope.domain, 'scope/domain');
}

function requireName(named: { id?: string; name?: string } | undefined, field: string): void {
  if (named && named.id === undefined && named.name === undefined)
    throw badRequest(`Invalid input for field ${field}: id or name must be present.`);
}
