import { createHash } from 'node:crypto';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { clash, expecting, forbiddenAction, missing, refuseDangling, refuseDuplicate } from '../errors.ts';
import { normalized } from '../fields.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import type { Token } from '../tokens/token.ts';
import type { CredentialFields } from './schema.ts';
import type { Credential } from './store.ts';

/**
 * The type of credentials that hold a pair of EC2 keys. Only for these a blob must be JSON, and a project be named.
 */
export const ec2 = 'ec2';

/** What an EC2 credential's blob holds. What it was made by bounds what it is good for, so that never changes. */
interface Ec2Blob {
  readonly access: string;
  readonly secret?: string;
  readonly trust_id?: string | null;
  readonly app_cred_id?: string | null;
  readonly access_token_id?: string | null;
}

const bounds = ['trust_id', 'app_cred_id', 'access_token_id', 'access_id'] as const;

/** An EC2 credential is found by its access key, but the key is not its id: that is its SHA-256. */
export const idOfAccessKey = (access: string): string => createHash('sha256').update(access).digest('hex');

/** Makes a credential. One made by a trust or an application credential stays within that one's bounds. */
export async function createCredential(
  service: Identity,
  token: Token,
  fields: CredentialFields,
): Promise<Credential> {
  const { id: _, user_id: userId, project_id: projectId, type, blob, ...extra } = fields;
  refuseOtherProject(token, projectId ?? null);
  const isEc2 = type!.toLowerCase() === ec2;
  if (isEc2) {
    refuseRestricted(token);
    if (!projectId) throw expecting('project_id', 'credential');
  }
  const parsed = isEc2 ? readBlob(blob!) : undefined;
  const credential: Credential = {
    id: parsed ? idOfAccessKey(parsed.access) : newHexId(),
    userId: userId!,
    projectId: projectId ?? null,
    type: type!,
    blob: parsed ? boundBlob(parsed, blob!, token) : blob!,
    extra: normalized(extra),
  };
  await insertCredential(service, credential);
  return credential;
}

/** Stores a credential. Throws `conflict` when there is one with its access key, `notFound` without its user. */
export async function insertCredential(service: Identity, credential: Credential): Promise<void> {
  const write = service.changes.apply((trx) => service.credentials.insert(trx, credential));
  await refuseDangling(
    refuseDuplicate(write, () => clash('credential', `Duplicate entry found with ID ${credential.id}`)),
    () => missing('user', credential.userId),
  );
}

/** What a credential becomes when `fields` are changed. */
export function changedCredential(credential: Credential, fields: CredentialFields): Credential {
  const { id, user_id: userId, project_id: projectId, type, blob, ...extra } = fields;
  refuseOtherId(id, credential.id);
  const updated: Credential = {
    id: credential.id,
    userId: userId ?? credential.userId,
    projectId: projectId === undefined ? credential.projectId : projectId,
    type: type ?? credential.type,
    blob: blob ?? credential.blob,
    extra: { ...credential.extra, ...extra },
  };
  if (updated.type.toLowerCase() === ec2) {
    if (!updated.projectId) throw expecting('project_id', 'credential');
    refuseOtherBounds(credential, updated);
  }
  return updated;
}

function refuseOtherBounds(credential: Credential, updated: Credential): void {
  const now = readBlob(updated.blob) as unknown as Record<string, unknown>;
  const before =
    credential.type.toLowerCase() === ec2
      ? (readBlob(credential.blob) as unknown as Record<string, unknown>)
      : {};
  const changed = bounds.find((key) => (before[key] ?? null) !== (now[key] ?? null));
  if (changed) throw badRequest(`${changed} can not be updated for credential`);
}

function readBlob(text: string): Ec2Blob {
  let blob: unknown;
  try {
    blob = JSON.parse(text);
  } catch {
    throw badRequest('Invalid blob in credential');
  }
  if (typeof blob !== 'object' || blob === null || Array.isArray(blob) || Object.keys(blob).length === 0)
    throw expecting('blob', 'credential');
  if (typeof (blob as Partial<Ec2Blob>).access !== 'string') throw expecting('access', 'credential');
  return blob as Ec2Blob;
}

function boundBlob(blob: Ec2Blob, text: string, { trust, applicationCredential, oauth }: Token): string {
  if (!trust && !applicationCredential && !oauth) return text;
  return JSON.stringify({
    ...blob,
    ...(trust && { trust_id: trust.id }),
    ...(applicationCredential && { app_cred_id: applicationCredential.id }),
    ...(oauth && { access_token_id: oauth.accessTokenId }),
  });
}

/** A token that was handed on opens its own project only. */
export function refuseOtherProject(token: Token, projectId: string | null): void {
  if (withinProject(token, projectId)) return;
  throw forbiddenAction('Credential project does not match the project scope of the delegated token');
}

/** Whether a token may see a credential of a project, as far as the token is bound to one. */
export function withinProject(token: Token, projectId: string | null): boolean {
  if (!token.trust && !token.applicationCredential && !token.oauth) return true;
  return token.scope.kind === 'project' && token.scope.project.id === projectId;
}

/** An application credential makes EC2 credentials only when it was made unrestricted. */
export function refuseRestricted({ applicationCredential }: Token): void {
  if (!applicationCredential || applicationCredential.unrestricted) return;
  throw forbiddenAction(
    "Using method 'application_credential' is not allowed for managing additional credentials.",
  );
}
