import type { Inventory } from './store.ts';

/** An inventory as the API shows it within others. */
export const viewInventory = (inventory: Inventory) => ({
  total: inventory.total,
  reserved: inventory.reserved,
  min_unit: inventory.minUnit,
  max_unit: inventory.maxUnit,
  step_size: inventory.stepSize,
  allocation_ratio: inventory.allocationRatio,
});

/** A single inventory, with its provider's generation unless that is 0. */
export const viewOneInventory = (inventory: Inventory, generation: number) => ({
  ...viewInventory(inventory),
  ...(generation > 0 && { resource_provider_generation: generation }),
});

/** All inventories of a provider. */
export const viewInventories = (inventories: readonly Inventory[], generation: number) => ({
  resource_provider_generation: generation,
  inventories: Object.fromEntries(inventories.map((i) => [i.resourceClass, viewInventory(i)])),
});
