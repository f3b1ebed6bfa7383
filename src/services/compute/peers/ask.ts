import { CloudError, type ErrorKind, notFound, statusOf } from '#kit/errors/cloud-error.ts';
import type { Call, Method } from '#kit/http/endpoint.ts';

import type { Compute } from '../service.ts';

/** What asking a peer needs to know of the call being answered. */
export type AskingCall = Pick<Call<Compute>, 'service' | 'auth' | 'request'>;

/** What is asked besides method and path. */
export interface Question {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks another service's API as the caller. `Body` is what that service documents to answer with.
 * Throws a CloudError of the kind of a refusal's status, with its words and, for Network, its type.
 */
export async function askPeer<Body>(
  call: AskingCall,
  peer: 'network' | 'image',
  method: Method,
  path: string,
  question: Question = {},
): Promise<Body> {
  const { status, body } = await call.service.parts.peers[peer].ask({
    method,
    path,
    headers: {
      accept: 'application/json',
      'x-auth-token': call.auth.token,
      'x-openstack-request-id': call.request.id,
      ...question.headers,
    },
    ...(question.body !== undefined && { body: question.body }),
  });
  if (status >= 400) throw refusal(status, body);
  return body as Body;
}

/** What a caller gave, as one segment of a peer's path. Throws `notFound` for what would lead elsewhere. */
export function segment(given: string): string {
  if (given === '.' || given === '..') throw notFound('The resource could not be found.');
  return encodeURIComponent(given);
}

const kinds = new Map<number, ErrorKind>(
  Object.entries(statusOf).flatMap(([kind, status]) =>
    kind === 'overQuota' ? [] : [[status, kind as ErrorKind]],
  ),
);

function refusal(status: number, body: unknown): CloudError {
  const { message, type } = wordsOf(body);
  return new CloudError(kinds.get(status) ?? 'internal', message, { details: type ? { type } : {} });
}

/** Neutron says `{NeutronError: {message, type}}`; Glance `{message}`, with the line breaks of a page. */
function wordsOf(body: unknown): { message: string; type?: string } {
  const { NeutronError: neutron, message } = (body ?? {}) as {
    NeutronError?: { message: string; type: string };
    message?: string;
  };
  if (neutron) return neutron;
  return { message: (message ?? String(body)).replaceAll(/<br \/>/g, '').trim() };
}
