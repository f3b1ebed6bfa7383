import type { Target } from '#kit/auth/rule-parser.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import type { Call } from '#kit/http/endpoint.ts';

import { viewerOf } from '../images/lookup.ts';
import type { Image } from '../service.ts';
import type { Namespace } from './namespaces/store.ts';

type AnyCall = Pick<Call<Image>, 'service' | 'auth' | 'allows'>;

/** What policy rules may look at in a namespace. */
export const targetOf = ({ owner, visibility }: Namespace): Target => ({ project_id: owner, visibility });

/** What Glance says of a namespace that is not there. */
export const noSuchNamespace = (name: string): string => `Namespace ${name} not found`;
/** The same, where Glance words it otherwise. */
export const namespaceNotFound = (name: string): string =>
  `Metadata definition namespace=${name} was not found.`;

/**
 * The namespace a path names, for an endpoint that `rule` guards. Throws `notFound`, in `words`, for callers who may not
 * see it, and for those who may neither do that nor get it.
 */
export async function namespaceFor(
  call: AnyCall,
  rule: string,
  name: string,
  words = noSuchNamespace(name),
): Promise<Namespace> {
  const namespace = await call.service.namespaces.find(name);
  if (!namespace || !isVisible(call, namespace)) throw notFound(words);
  const target = targetOf(namespace);
  const isKnown =
    (rule !== 'get_metadef_namespace' && call.allows(rule, target)) ||
    call.allows('get_metadef_namespace', target);
  if (!isKnown) throw notFound('The resource could not be found.');
  return namespace;
}

/** glance/db/sqlalchemy/metadef_api/namespace.py, _is_namespace_visible */
function isVisible(call: AnyCall, { owner, visibility }: Namespace): boolean {
  const { admin, projectId } = viewerOf(call);
  return admin || owner === null || visibility === 'public' || owner === projectId;
}
