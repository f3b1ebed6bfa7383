import type { Token } from '../tokens/token.ts';
import type { RevocationEvent } from './store.ts';

/** Whether an event revokes a token: every attribute it has must be the token's (keystone/models/revoke_model.py). */
export function revokes(event: RevocationEvent, token: Token): boolean {
  const { scope, user, auditIds } = token;
  if (event.issuedBefore < token.issuedAt) return false;
  if (event.userId !== undefined && !usersOf(token).includes(event.userId)) return false;
  if (event.projectId !== undefined && !(scope.kind === 'project' && scope.project.id === event.projectId))
    return false;
  if (event.domainId !== undefined && event.domainId !== user.domain.id && event.domainId !== domainOf(token))
    return false;
  if (event.roleId !== undefined && !token.roles.some((role) => role.id === event.roleId)) return false;
  if (event.auditId !== undefined && event.auditId !== auditIds[0]) return false;
  // a chain is known by its first token's audit id, the last of a token's own
  if (event.auditChainId !== undefined && event.auditChainId !== auditIds.at(-1)) return false;
  return true;
}

const domainOf = ({ scope }: Token): string | undefined =>
  scope.kind === 'domain' || scope.kind === 'project' ? scope.domain.id : undefined;

/** Whose tokens a token is among: by a trust, those of both its users. */
export const usersOf = ({ user, trust }: Pick<Token, 'user' | 'trust'>): string[] =>
  trust ? [trust.trustorId, trust.trusteeId] : [user.id];
