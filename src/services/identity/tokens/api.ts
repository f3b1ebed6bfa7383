import { notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { rawJson, reply } from '#kit/http/reply.ts';

import { readAuthRequest } from '../authentication/request.ts';
import { isTrue } from '../listing.ts';
import type { Identity } from '../service.ts';
import type { Token } from './token.ts';
import { tokenText } from './view.ts';

const endpoint = endpointOf<Identity>();

type AnyCall = Pick<Call<Identity, unknown, unknown, unknown>, 'service' | 'query' | 'request'>;

const subject = (token: Token | undefined) =>
  token ? { 'target.token.user_id': token.user.id, 'target.token.user.domain.id': token.user.domain.id } : {};

/** https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management */
export const tokenEndpoints = [
  endpoint({
    method: 'POST',
    path: '/auth/tokens',
    auth: 'none',
    policy: null,
    body: 'json',
    status: 201,
    handler: async (call) =>
      show(call, await call.service.authenticator.authenticate(readAuthRequest(call.body), call.request)),
  }),

  endpoint({
    method: 'GET',
    path: '/auth/tokens',
    policy: 'identity:validate_token',
    status: 200,
    load: subjectToken,
    target: subject,
    handler: (call) => show(call, present(call.resource)),
  }),

  endpoint({
    method: 'HEAD',
    path: '/auth/tokens',
    policy: 'identity:check_token',
    status: 200,
    load: subjectToken,
    target: subject,
    handler: (call) => show(call, present(call.resource)),
  }),

  endpoint({
    method: 'DELETE',
    path: '/auth/tokens',
    policy: 'identity:revoke_token',
    status: 204,
    load: subjectToken,
    target: subject,
    handler: ({ service, resource }) => service.revocations.revokeToken(present(resource)),
  }),
];

/** The token to be looked at. Without the header policy decides what the caller is told. */
function subjectToken({ service, query, request }: AnyCall): Token | undefined | Promise<Token | undefined> {
  const text = request.headers['x-subject-token'];
  if (typeof text !== 'string' || text === '') return undefined;
  const late = typeof query.allow_expired === 'string' && isTrue(query.allow_expired);
  const token = service.tokens.validate(text, late ? service.allowExpiredWindow : 0);
  const supports = Number(request.headers['openstack-identity-access-rules'] ?? 0) >= 1;
  return token instanceof Promise
    ? token.then((valid) => withinSupport(valid, supports))
    : withinSupport(token, supports);
}

/** A service that cannot tell what access rules allow must not be told that such a token is valid. */
function withinSupport(token: Token, supports: boolean): Token {
  if (!supports && token.applicationCredential?.accessRules.length)
    throw notFound('Failed to validate token');
  return token;
}

function present(token: Token | undefined): Token {
  if (!token) throw notFound('No token in the request');
  return token;
}

async function show({ service, query }: AnyCall, token: Token) {
  const projectId = token.scope.kind === 'project' ? token.scope.project.id : undefined;
  const catalog =
    query.nocatalog === undefined
      ? await service.catalog.textFor(token.trust?.trustorId ?? token.user.id, projectId)
      : undefined;
  return reply(rawJson(tokenText(token, catalog)), { headers: { 'x-subject-token': token.text } });
}
