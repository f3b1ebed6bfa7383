import type { Inventory } from './store.ts';

declare global {
  interface JSON {
    /** Text that `stringify` is to take as it is; TypeScript's library does not know it yet. */
    rawJSON(text: string): object;
  }
}

/** An inventory as the API shows it within others. */
export const viewInventory = (inventory: Inventory) => ({
  total: inventory.total,
  reserved: inventory.reserved,
  min_unit: inventory.minUnit,
  max_unit: inventory.maxUnit,
  step_size: inventory.stepSize,
  allocation_ratio: floatOf(inventory.allocationRatio),
});

/** A number that JSON is to show as one with a fraction, `1.0` and not `1`: clients print what they get. */
const floatOf = (value: number): unknown =>
  Number.isInteger(value) && value < 1e16 ? JSON.rawJSON(`${value}.0`) : value;

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
