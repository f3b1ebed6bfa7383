import { type CloudError, type ErrorKind, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';
import { unauthorizedBody } from '#kit/http/send.ts';

import { badBody } from './errors.ts';

/** The type of an error that names none: webob's class for its status. */
const defaultTypes: Partial<Record<ErrorKind, string>> = {
  badRequest: 'HTTPBadRequest',
  forbidden: 'HTTPForbidden',
  notFound: 'HTTPNotFound',
  methodNotAllowed: 'HTTPMethodNotAllowed',
  conflict: 'Conflict',
  preconditionFailed: 'HTTPPreconditionFailed',
  tooLarge: 'HTTPRequestEntityTooLarge',
  unsupportedMediaType: 'HTTPUnsupportedMediaType',
  overQuota: 'OverQuota',
  unavailable: 'HTTPServiceUnavailable',
  notImplemented: 'HTTPNotImplemented',
};

/** webob has no words of its own for a method. */
const notAllowed =
  'The server could not comply with the request since\r\nit is either malformed or otherwise incorrect.\r\n';

const internal = 'Request Failed: internal server error while processing your request.';

/** Neutron's `{"NeutronError": {type, message, detail}}`, as neutron/api/api_common.py makes it. */
export const networkFaults: FaultFormat = {
  render: (error) => {
    // over quota is a Conflict in Neutron
    const status = error.kind === 'overQuota' ? 409 : statusOf[error.kind];
    const body =
      error.kind === 'unauthorized'
        ? unauthorizedBody(error.message)
        : JSON.stringify({
            NeutronError: {
              type: error.details.type ?? defaultTypes[error.kind] ?? 'HTTPInternalServerError',
              message: messageFor(error),
              detail: error.details.detail ?? '',
            },
          });
    return { status, contentType: 'application/json', body };
  },
  emptyBody: null,
  malformed: () => badBody('Body contains invalid data'),
  invalid: ({ path, message }) =>
    badBody(path.length === 0 ? message : `Invalid input for ${path[0]}. Reason: ${message}.`),
};

function messageFor(error: CloudError): string {
  if (error.kind === 'internal') return internal;
  if (error.kind === 'methodNotAllowed') return notAllowed;
  if (error.details.type === 'PolicyNotAuthorized')
    return `rule:${error.details.code} is disallowed by policy`;
  return error.message;
}
