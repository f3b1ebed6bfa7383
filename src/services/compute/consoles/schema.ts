import Type from 'typebox';

import { history } from '#kit/http/versioned-schema.ts';

import { actionBody } from '../server-actions/endpoint.ts';

const strict = { additionalProperties: false };
const oneOf = (words: readonly string[]) => Type.Unsafe<string>({ type: 'string', enum: words });

const protocols = ['vnc', 'spice', 'serial', 'rdp'];
const types = ['novnc', 'xvpvnc', 'spice-html5', 'serial', 'rdp-html5'];

/**
 * The body of `POST /servers/{server_id}/remote-consoles` (2.6 on). Kinds of consoles that are never there are taken
 * too: opening one is what is refused, as on a cloud that has not enabled it.
 */
export const createConsoleBody = Type.Object(
  {
    remote_console: Type.Object(
      {
        protocol: history(
          { until: '2.7', schema: oneOf(protocols), required: true },
          { since: '2.8', schema: oneOf([...protocols, 'mks']), required: true },
        ),
        type: history(
          { until: '2.7', schema: oneOf(types), required: true },
          { since: '2.8', until: '2.98', schema: oneOf([...types, 'webmks']), required: true },
          { since: '2.99', schema: oneOf([...types, 'webmks', 'spice-direct']), required: true },
        ),
      },
      strict,
    ),
  },
  strict,
);

const ofType = (...words: string[]) => Type.Object({ type: oneOf(words) }, strict);

/** The body of the action `os-getVNCConsole`, until 2.5. XVP consoles are taken, and refused when opened. */
export const getVncConsoleBody = actionBody('os-getVNCConsole', ofType('novnc', 'xvpvnc'));

/** The body of the action `os-getSPICEConsole`, until 2.5. No such console is ever there. */
export const getSpiceConsoleBody = actionBody('os-getSPICEConsole', ofType('spice-html5'));

/** The body of the action `os-getSerialConsole`, until 2.5. */
export const getSerialConsoleBody = actionBody('os-getSerialConsole', ofType('serial'));
/** The body of the action `os-getRDPConsole`, until 2.5: whatever it asks for, there is none. */
export const getRdpConsoleBody = actionBody('os-getRDPConsole', Type.Unknown());
