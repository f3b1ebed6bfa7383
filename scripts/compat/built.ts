import { relative } from 'node:path';

import type { Api } from '#kit/http/api.ts';
import type { Endpoint } from '#kit/http/endpoint.ts';

import { normalPath, type Operation, samePath } from './operations.ts';

/** An operation that a service answers. */
export interface Built extends Operation {
  /** Whether it answers only that it is gone, as OpenStack's own does. */
  readonly gone: boolean;
  /** File from the root of the project. */
  readonly file: string;
}

const root = `${import.meta.dirname}/../..`;

/** Everything an API answers. Where HEAD is like GET, both. */
export function builtOf(api: Api<never>): Built[] {
  const all = [...(api.rootEndpoints ?? []), ...api.endpoints];
  return all.flatMap((endpoint) =>
    methodsOf(api, endpoint).map((method) => ({
      method,
      path: endpoint.path,
      ...(endpoint.action !== undefined && { action: endpoint.action }),
      versions: endpoint.since || endpoint.until ? `${endpoint.since ?? ''}–${endpoint.until ?? ''}` : '',
      gone: endpoint.status === 410,
      file: relative(root, endpoint.declaredAt.replace(/:\d+$/, '')),
    })),
  );
}

const methodsOf = (api: Api<never>, endpoint: Endpoint): string[] =>
  api.headLikeGet && endpoint.method === 'GET' ? ['GET', 'HEAD'] : [endpoint.method];

/** Those that answer an operation of the contract; an action's own path, without an action, is any of its actions. */
export const answering = (built: readonly Built[], operation: Operation): Built[] =>
  built.filter(
    (own) =>
      own.method === operation.method &&
      (operation.action === undefined || own.action === operation.action) &&
      samePath(normalPath(own.path), normalPath(operation.path)),
  );
