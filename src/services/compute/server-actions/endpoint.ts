import Type, { type TSchema } from 'typebox';

import { loadsServer } from '../servers/find.ts';

/** What every endpoint of an action has in common. */
export const onServer = <const Action extends string>(action: Action) =>
  ({
    method: 'POST',
    path: '/servers/{server_id}/action',
    action,
    status: 202,
    ...loadsServer,
  }) as const;

/** The body of an action: its name and what it takes, nothing else. */
export const actionBody = <const Action extends string, S extends TSchema>(action: Action, value: S) =>
  Type.Object({ [action]: value } as { [A in Action]: S }, { additionalProperties: false });

/** The body of an action that takes nothing; whatever stands there is ignored, as in Nova. */
export const bareAction = <const Action extends string>(action: Action) => actionBody(action, Type.Unknown());
