import Type from 'typebox';

import { allocationsByConsumer } from '../allocations/schema.ts';
import { keyedBy, uuidKey } from '../fields.ts';
import { setInventoriesBody } from '../inventories/schema.ts';

/**
 * The body of `POST /reshaper` (1.30 on): all inventories of each provider, and all allocations of each consumer,
 * afterwards.
 */
export const reshaperBody = Type.Object(
  {
    inventories: keyedBy<Type.Static<typeof setInventoriesBody>>(uuidKey, setInventoriesBody, {
      minProperties: 1,
    }),
    // there may be none: nothing was allocated from what moves
    allocations: allocationsByConsumer({}),
  },
  { additionalProperties: false },
);
