import { badRequest, type CloudError, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';
import { unauthorizedBody } from '#kit/http/send.ts';
import { problemText } from '#kit/http/validation.ts';
import { renderWebob } from '#kit/http/webob.ts';

/** Words the server uses for what webob has words of its own for. */
export const notFoundWords = 'The resource could not be found.';
const notAllowedWords = 'The method is not allowed for this resource.';

/** Glance's faults: webob's pages, with Glance's message as explanation. */
export const imageFaults: FaultFormat = {
  render: (error, context) => {
    const status = statusOfFault(error);
    if (status === 401)
      return { status, contentType: 'application/json', body: unauthorizedBody(error.message) };
    const { detail } = error.details;
    if (detail !== undefined) return renderWebob({ status, detail }, context);
    if (error.message === notFoundWords || error.message === notAllowedWords)
      return renderWebob({ status }, context);
    if (status === 405) return renderWebob({ status, text: error.message }, context);
    // webob's page for this status has no room for an explanation
    if (status === 415) return renderWebob({ status, detail: error.message }, context);
    return renderWebob({ status, explanation: wordsOf(error) }, context);
  },
  invalid: (problem) => badRequest(`Provided object does not match schema 'image': ${problemText(problem)}`),
  malformed: () => badRequest('Malformed JSON in request body.'),
};

/** Glance answers 413 to whoever is over a quota. */
const statusOfFault = (error: CloudError): number =>
  error.kind === 'overQuota' ? 413 : statusOf[error.kind];

const wordsOf = (error: CloudError): string =>
  error.details.type === 'PolicyNotAuthorized'
    ? `You are not authorized to complete ${error.details.code} action.`
    : error.message;
