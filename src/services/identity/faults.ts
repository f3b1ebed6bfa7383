import { STATUS_CODES } from 'node:http';

import { badRequest, statusOf } from '#kit/errors/cloud-error.ts';
import type { FaultFormat } from '#kit/http/api.ts';

/** Keystone's `{"error": {code, message, title}}`, as keystone/common/render_exception.py makes it. */
export const identityFaults: FaultFormat = {
  render: (error) => {
    const status = statusOf[error.kind];
    return {
      status,
      contentType: 'application/json',
      body: JSON.stringify({ error: { code: status, message: error.message, title: STATUS_CODES[status] } }),
    };
  },
  invalid: ({ path, message }) => {
    const field = path.at(-1);
    return badRequest(
      field === undefined ? `Invalid input: ${message}` : `Invalid input for field '${field}': ${message}`,
    );
  },
};
