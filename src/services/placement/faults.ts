import { badRequest, type CloudError, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultContext, FaultFormat } from '#kit/http/api.ts';
import { versionNumber } from '#kit/http/microversion.ts';
import { unauthorizedBody } from '#kit/http/send.ts';
import { problemText } from '#kit/http/validation.ts';
import { renderWebob, webobTitle } from '#kit/http/webob.ts';

import { placementMicroversions } from './versions.ts';

/** Codes shown with errors from microversion 1.23 on (placement/errors.py). */
export const errorCodes = {
  inventoryInUse: 'placement.inventory.inuse',
  concurrentUpdate: 'placement.concurrent_update',
  duplicateName: 'placement.duplicate_name',
  providerInUse: 'placement.resource_provider.inuse',
  cannotDeleteParent: 'placement.resource_provider.cannot_delete_parent',
  providerNotFound: 'placement.resource_provider.not_found',
  duplicateKey: 'placement.query.duplicate_key',
  badValue: 'placement.query.bad_value',
  missingValue: 'placement.query.missing_value',
} as const;

/** Placement's `{"errors": [{status, title, detail, code, request_id}]}`. */
export const placementFaults: FaultFormat = {
  render: (error, context) => {
    const status = statusOf[error.kind];
    if (status === 401)
      return { status, contentType: 'application/json', body: unauthorizedBody(error.message) };
    // placement/requestlog.py: whoever accepts anything gets JSON
    const accept =
      context.accept === undefined || context.accept === '*/*' ? 'application/json' : context.accept;
    return renderWebob(
      { status, detail: detailOf(error), json: (text) => bodyOf(error, status, text, context) },
      { ...context, accept },
    );
  },
  invalid: (problem, where) =>
    badRequest(
      where === 'query'
        ? `Invalid query string parameters: ${problemText(problem)}`
        : `JSON does not validate: ${problemText(problem)}`,
    ),
  malformed: (cause) => badRequest(`Malformed JSON: ${cause.message}`),
};

function detailOf(error: CloudError): string {
  // webob's own words say all
  if (error.message === '' || error.message === 'The resource could not be found.') return '';
  if (error.kind === 'methodNotAllowed') return 'The method specified is not allowed for this resource.';
  if (error.details.type === 'PolicyNotAuthorized')
    return `Policy does not allow ${error.details.code} to be performed.`;
  return error.message;
}

function bodyOf(error: CloudError, status: number, text: string, context: FaultContext): unknown {
  const coded = context.version !== undefined && context.version >= versionNumber('1.23');
  const isPolicy = error.details.type === 'PolicyNotAuthorized';
  const code = (!isPolicy && error.details.code) || 'placement.undefined_code';
  return {
    errors: [
      {
        status,
        title: webobTitle(status),
        detail: text,
        ...(coded && { code }),
        request_id: context.requestId,
        ...(status === 406 &&
          context.version === undefined && {
            max_version: placementMicroversions.max,
            min_version: placementMicroversions.min,
          }),
      },
    ],
  };
}
