import Type from 'typebox';

import { callAgent } from '#contracts/agent.ts';
import { isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { hostOf } from '../operations/progress.ts';
import type { Compute } from '../service.ts';
import { actionBody, onServer } from './endpoint.ts';

const endpoint = endpointOf<Compute>();

/** Nova's MAX_CONSOLE_BYTES. */
const maxBytes = 100 * 1024;

const length = Type.Unsafe<number | string | null>({
  type: ['integer', 'string', 'null'],
  pattern: '^-?[0-9]+$',
  minimum: -1,
});

/** The action that reads what a guest wrote to its serial console. */
export const consoleActions = [
  endpoint({
    ...onServer('os-getConsoleOutput'),
    status: 200,
    policy: 'os_compute_api:os-console-output',
    body: actionBody(
      'os-getConsoleOutput',
      Type.Object({ length: Type.Optional(length) }, { additionalProperties: false }),
    ),
    handler: async ({ service, resource: server, body }) => {
      const args = { id: server.id, maxBytes };
      try {
        const { text } = await callAgent(service.parts.bus, hostOf(server), 'guest.consoleLog', args);
        return { output: printable(tail(text, body['os-getConsoleOutput'].length)) };
      } catch (error) {
        if (isKind(error, 'notFound'))
          throw notFound('Guest does not have a console available.', undefined, error);
        throw error;
      }
    },
  }),
];

/** The last lines; all of them for none or -1. */
function tail(text: string, lines: number | string | null | undefined): string {
  const count = lines === undefined || lines === null ? -1 : Number(lines);
  if (count < 0) return text;
  return count === 0 ? '' : text.split('\n').slice(-count).join('\n');
}

/** Without the control characters that Nova keeps from its callers. */
// eslint-disable-next-line eslint/no-control-regex
const printable = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000b-\u001f]/g, '');
