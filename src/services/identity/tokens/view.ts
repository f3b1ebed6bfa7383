import { isoMicros } from '#kit/clock/clock.ts';

import type { Token } from './token.ts';

/**
 * A token as the API shows it, as JSON text. The catalog, the bulk of it, is text already and is put in as it is; without
 * one, or for an unscoped token, there is no `catalog`.
 */
export function tokenText(token: Token, catalog: string | undefined): string {
  const text = JSON.stringify(viewToken(token));
  if (catalog === undefined || token.scope.kind === 'unscoped') return `{"token":${text}}`;
  return `{"token":${text.slice(0, -1)},"catalog":${catalog}}}`;
}

const viewToken = (token: Token) => ({
  methods: token.methods,
  user: {
    domain: token.user.domain,
    id: token.user.id,
    name: token.user.name,
    password_expires_at: null,
  },
  audit_ids: token.auditIds,
  expires_at: isoMicros(token.expiresAt),
  issued_at: isoMicros(token.issuedAt),
  ...viewScope(token),
  ...viewTrust(token),
  ...viewApplicationCredential(token),
  ...viewOauth(token),
});

function viewScope({ scope, roles, trust }: Token) {
  switch (scope.kind) {
    case 'unscoped':
      return {};
    case 'system':
      return { roles, system: { all: true } };
    case 'domain':
      return { domain: scope.domain, roles };
    case 'project':
      return {
        project: { domain: scope.domain, id: scope.project.id, name: scope.project.name },
        ...(!trust && { is_domain: scope.isDomain }),
        roles,
      };
  }
}

function viewApplicationCredential({ applicationCredential }: Token) {
  if (!applicationCredential) return {};
  const { id, name, unrestricted, accessRules } = applicationCredential;
  return {
    application_credential: {
      id,
      name,
      restricted: !unrestricted,
      ...(accessRules.length > 0 && { access_rules: accessRules }),
    },
  };
}

const viewOauth = ({ oauth }: Token) =>
  oauth && { 'OS-OAUTH1': { access_token_id: oauth.accessTokenId, consumer_id: oauth.consumerId } };

const viewTrust = ({ trust }: Token) =>
  trust && {
    'OS-TRUST:trust': {
      id: trust.id,
      trustor_user: { id: trust.trustorId },
      trustee_user: { id: trust.trusteeId },
      impersonation: trust.impersonation,
    },
  };
