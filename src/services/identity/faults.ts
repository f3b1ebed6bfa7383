import { STATUS_CODES } from 'node:http';

import { badRequest, type CloudError, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';
import { repr } from '#kit/http/validation.ts';

import { methodNames } from './authentication/methods.ts';
import { expecting } from './errors.ts';

const malformed = (): CloudError => expecting('valid JSON', 'request body');

/** Keystone's `{"error": {code, message, title}}`, as keystone/common/render_exception.py makes it. */
export const identityFaults: FaultFormat = {
  render: (thrown, { origin }) => {
    const error = thrown.kind === 'unsupportedMediaType' ? notJson : thrown;
    const status = statusOf[error.kind];
    return {
      status,
      contentType: 'application/json',
      ...(status === 401 && { headers: { 'www-authenticate': `Keystone uri="${origin}/v3"` } }),
      body: JSON.stringify({
        error: {
          code: status,
          message: messageOf(error),
          title: STATUS_CODES[status],
          // tells a client which methods it may try instead
          ...(error.details.code === 'AuthMethodNotSupported' && { identity: { methods: methodNames } }),
        },
      }),
    };
  },
  malformed,
  emptyBody: {},
  invalid: ({ path, value, message, keyword }) => {
    const field = path.at(-1);
    if (field === undefined) return keyword === 'type' ? malformed() : badRequest(message);
    if (isSecret(field)) return badRequest(`Invalid input for field/attribute ${field}.`);
    const shown = typeof value === 'string' ? value : repr(withoutSecrets(value));
    return badRequest(`Invalid input for field/attribute ${field}. Value: ${shown}. ${message}`);
  },
};

/** What was meant to be a secret is not said back. */
const isSecret = (field: string): boolean => /password|secret/.test(field);

function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(
    Object.entries(value).map(([field, part]) => [field, isSecret(field) ? '***' : withoutSecrets(part)]),
  );
}

const notJson = expecting('application/json', 'Content-Type header');

/** A refusal by policy in Keystone's words; every other message is already in them. */
function messageOf(error: CloudError): string {
  return error.details.type === 'PolicyNotAuthorized'
    ? `You are not authorized to perform the requested action: ${error.details.code}.`
    : error.message;
}
