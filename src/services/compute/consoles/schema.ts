import Type from 'typebox';

import { history } from '#kit/http/versioned-schema.ts';

import { actionBody } from '../server-actions/endpoint.ts';

const strict = { additionalProperties: false };
const oneOf = (words: readonly string[]) => Type.Unsafe<string>({ type: 'string', enum: words });

const protocols = ['vnc', 'spice', 'serial', 'rdp'];
const types = ['novnc', 'xvpvnc', 'spice-html5', 'serial', 'rdp-html5'];

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

export const getVncConsoleBody = actionBody('os-getVNCConsole', ofType('novnc', 'xvpvnc'));
export const getSpiceConsoleBody = actionBody('os-getSPICEConsole', ofType('spice-html5'));
export const getSerialConsoleBody = actionBody('os-getSerialConsole', ofType('serial'));
// whatever it asks for, there is none
export const getRdpConsoleBody = actionBody('os-getRDPConsole', Type.Unknown());
