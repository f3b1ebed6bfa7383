import { badRequest, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';
import { unauthorizedBody } from '#kit/http/send.ts';
import { repr } from '#kit/http/validation.ts';

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
    const body =
      code === 401
        ? unauthorizedBody(error.message)
        : JSON.stringify({ [faultNames[code] ?? 'computeFault']: { code, message: error.message } });
    return {
      status: code,
      contentType: code === 401 ? 'application/json' : 'application/json; charset=UTF-8',
      body,
    };
  },
  invalid: ({ path, value, message }, where) => {
    if (where === 'query')
      return badRequest(
        `Invalid input for query parameters ${path[0] ?? ''}. Value: ${repr(value)}. ${message}`,
      );
    if (path.length === 0) return badRequest(value === null ? 'Malformed request body' : message);
    return badRequest(`Invalid input for field/attribute ${path.at(-1)}. Value: ${repr(value)}. ${message}`);
  },
  unknownAction: (action) =>
    action === undefined
      ? badRequest('Malformed request body')
      : badRequest(`There is no such action: ${action}`),
};
