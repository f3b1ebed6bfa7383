import Type from 'typebox';

import { keyedBy, maxInt, namePattern } from '../fields.ts';

const unit = Type.Integer({ minimum: 1, maximum: maxInt });

const amounts = {
  total: unit,
  reserved: Type.Optional(Type.Integer({ minimum: 0, maximum: maxInt })),
  min_unit: Type.Optional(unit),
  max_unit: Type.Optional(unit),
  step_size: Type.Optional(unit),
  // the largest single-precision float
  allocation_ratio: Type.Optional(Type.Number({ maximum: 3.40282e38 })),
};

const closed = { additionalProperties: false };

/** The body of `PUT …/inventories/{resource_class}`, which must name the generation it knows of. */
export const updateInventoryBody = Type.Object(
  { ...amounts, resource_provider_generation: Type.Integer() },
  closed,
);

/** The body of `POST …/inventories`. The generation is taken, since answers show it, but does not count. */
export const createInventoryBody = Type.Object(
  {
    ...amounts,
    resource_provider_generation: Type.Optional(Type.Integer()),
    resource_class: Type.String({ pattern: namePattern }),
  },
  closed,
);

const inventoryRecord = Type.Object(
  { ...amounts, resource_provider_generation: Type.Optional(Type.Integer()) },
  closed,
);

/** An inventory as a request writes it. */
export type InventoryRecord = Type.Static<typeof inventoryRecord>;

/**
 * The body of `PUT …/inventories`, and a provider's part of a reshaping. Keys that can be no class are let through, as
 * in Placement, with whatever object: they are refused as unknown classes.
 */
export const setInventoriesBody = Type.Object(
  {
    resource_provider_generation: Type.Integer(),
    inventories: keyedBy<InventoryRecord>(namePattern, inventoryRecord, { open: { type: 'object' } }),
  },
  closed,
);
