import { randomInt } from 'node:crypto';

import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { expecting, missing, notAuthenticated, refuseDangling } from '../errors.ts';
import { uniqueRole } from '../roles/operations.ts';
import type { Identity } from '../service.ts';
import {
  isSigned,
  type OauthParameters,
  oauthParameters,
  problemOf,
  type SignedRequest,
  type SigningSecrets,
} from './signature.ts';
import type { AccessToken, RequestToken } from './store.ts';

/** A consumer's first step: it asks for leave to act in a project, for whoever will grant it. */
export async function askForAccess(service: Identity, request: SignedRequest): Promise<RequestToken> {
  const { oauthConsumers, oauthTokens, clock } = service;
  const parameters = oauthParameters(request);
  const consumerId = required(parameters, 'oauth_consumer_key');
  const projectId = request.headers['requested-project-id'];
  if (typeof projectId !== 'string' || projectId === '') throw expecting('Requested-Project-Id', 'request');
  if (!(await service.projects.find(projectId))) throw missing('project', projectId);
  const consumer = await oauthConsumers.find(consumerId);
  if (!consumer) throw noConsumer();
  requireSigned(service, request, parameters, { consumer: consumer.secret });
  const asked: RequestToken = {
    id: newHexId(),
    consumerId,
    projectId,
    secret: newHexId(),
    verifier: null,
    userId: null,
    roleIds: [],
    expiresAt: endOf(service, service.options.oauth_request_token_duration),
  };
  await refuseDangling(
    service.changes.apply((trx) => oauthTokens.insertRequest(trx, asked, clock.now())),
    async () => ((await oauthConsumers.find(consumerId)) ? missing('project', projectId) : noConsumer()),
  );
  return asked;
}

/** The second step: a user grants what was asked for, with these roles. Answers what the consumer has to show for it. */
export async function grantAccess(
  service: Identity,
  userId: string,
  requestId: string,
  roles: readonly { readonly id?: string; readonly name?: string }[],
): Promise<string> {
  const asked = await livingRequest(service, requestId);
  const roleIds = new Set<string>();
  for (const { id, name } of roles) roleIds.add(id ?? (await uniqueRole(service, name!)));
  const project = await service.projects.find(asked.projectId);
  if (!project) throw missing('project', asked.projectId);
  const held = await service.effectiveRoles.onProject(userId, project);
  if ([...roleIds].some((roleId) => !held.some(({ id }) => id === roleId))) throw notAuthenticated();
  const verifier = newVerifier();
  const grant = { id: asked.id, verifier, userId, roleIds: [...roleIds] };
  const granted = await refuseDangling(
    service.changes.apply((trx) => service.oauthTokens.authorize(trx, grant)),
    notAuthenticated,
  );
  if (!granted) throw noRequest();
  return verifier;
}

/** The third step: the consumer turns what was granted into access. */
export async function takeAccess(service: Identity, request: SignedRequest): Promise<AccessToken> {
  const parameters = oauthParameters(request);
  const consumerId = required(parameters, 'oauth_consumer_key');
  const requestId = required(parameters, 'oauth_token');
  const verifier = required(parameters, 'oauth_verifier');
  const asked = await livingRequest(service, requestId);
  const consumer = await service.oauthConsumers.find(consumerId);
  if (!consumer || asked.consumerId !== consumerId || asked.verifier !== verifier || asked.userId === null)
    throw notAuthenticated();
  requireSigned(service, request, parameters, { consumer: consumer.secret, token: asked.secret });
  const access: AccessToken = {
    id: newHexId(),
    consumerId,
    projectId: asked.projectId,
    secret: newHexId(),
    userId: asked.userId,
    roleIds: asked.roleIds,
    expiresAt: endOf(service, service.options.oauth_access_token_duration),
  };
  const write = service.changes.apply(async (trx) => {
    if (!(await service.oauthTokens.exchange(trx, asked.id, access))) throw noRequest();
  });
  // a request goes with all that access refers to
  await refuseDangling(write, noRequest);
  return access;
}

function required(parameters: OauthParameters, name: string): string {
  const value = parameters.get(name);
  if (!value) throw expecting(name, 'request');
  return value;
}

function requireSigned(
  { clock }: Identity,
  request: SignedRequest,
  parameters: OauthParameters,
  secrets: SigningSecrets,
): void {
  const [error, words] = problemOf(parameters, clock.now()) ?? [];
  if (error !== undefined)
    throw badRequest(`Validation failed with errors: ${error}, detail message is: ${words}.`);
  if (!isSigned(request, parameters, secrets)) throw notAuthenticated();
}

async function livingRequest({ oauthTokens, clock }: Identity, id: string): Promise<RequestToken> {
  const asked = await oauthTokens.findRequest(id);
  if (!asked) throw noRequest();
  if (asked.expiresAt !== null && clock.now() > asked.expiresAt) throw notAuthenticated();
  return asked;
}

const noConsumer = () => notFound('Consumer not found');

const noRequest = () => notFound('Request token not found');

/** When something made now ends, by how many seconds it lasts; 0 is for ever. */
const endOf = ({ clock }: Identity, seconds: number): number | null =>
  seconds > 0 ? clock.now() + seconds * 1000 : null;

/** Letters and digits that nobody confuses. */
const verifierCharacters = 'abcdefghkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

const newVerifier = (): string =>
  Array.from({ length: 8 }, () => verifierCharacters[randomInt(verifierCharacters.length)]).join('');
