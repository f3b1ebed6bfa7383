import { badRequest, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';
import { unauthorizedBody } from '#kit/http/send.ts';
import { repr } from '#kit/http/validation.ts';

import { refusalOf } from './fields.ts';

/** nova.api.openstack.wsgi.Fault: the key of the body by status. */
const faultNames: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** Nova's `{"itemNotFound": {code, message}}`. */
export const computeFaults: FaultFormat = {
  render: (error) => {
    const code = statusOf[error.kind];
    const message = code === 415 ? 'Unsupported Content-Type' : error.message;
    const body =
      code === 401
        ? unauthorizedBody(error.message)
        : JSON.stringify({ [faultNames[code] ?? 'computeFault']: { code, message } });
    return {
      status: code,
      contentType: code === 401 ? 'application/json' : 'application/json; charset=UTF-8',
      body,
    };
  },
  invalid: (problem, where) => {
    const { path, value } = problem;
    const refusal = problem.format === undefined ? undefined : refusalOf(problem.format, value);
    if (refusal && 'name' in refusal) {
      return badRequest(`An invalid 'name' value was provided. The name must be: ${refusal.name}`);
    }
    const message = refusal?.message ?? problem.message;
    if (path.length === 0) return badRequest(message);
    const named = where === 'query' ? `query parameters ${path[0]}` : `field/attribute ${path.at(-1)}`;
    return badRequest(
      `Invalid input for ${named}. Value: ${typeof value === 'string' ? value : repr(value)}. ${message}`,
    );
  },
  emptyBody: null,
  malformed: () => badRequest('Malformed request body'),
  unknownAction: (action) =>
    action === undefined
      ? badRequest('Malformed request body')
      : badRequest(`There is no such action: ${action}`),
};
