import type { CandidateQuery, Resources } from '#contracts/placement.ts';

import { standardResourceClasses } from '../flavor-extra-specs/known-specs.ts';
import type { FlavorSnapshot, ImageSnapshot } from '../servers/server.ts';

/** What a server needs of a host, in Placement's terms. */
export type Requirements = Pick<CandidateQuery, 'resources' | 'requiredTraits' | 'forbiddenTraits'>;

// nova/scheduler/utils.py, XS_KEYPAT
const resourceSpec = /^resources(?:[a-zA-Z0-9_-]{1,64})?:(.+)$/;
const traitSpec = /^trait(?:[a-zA-Z0-9_-]{1,64})?:(.+)$/;

/**
 * The resources and traits of a flavor and an image: sizes, overridden or completed by the extra specs
 * `resources:CLASS=amount` and `trait:NAME=required|forbidden`, and by the image's `trait:NAME=required`.
 * A host is one provider, so groups with a suffix all fall on it and are added up.
 */
export function requirementsOf(flavor: FlavorSnapshot, image: ImageSnapshot | undefined): Requirements {
  const required = new Set<string>();
  const forbidden = new Set<string>();
  for (const [key, value] of Object.entries(flavor.extraSpecs)) {
    const trait = traitSpec.exec(key)?.[1];
    if (trait === undefined) continue;
    if (value === 'required') required.add(trait);
    else if (value === 'forbidden') forbidden.add(trait);
  }
  for (const [key, value] of Object.entries(image?.properties ?? {})) {
    const trait = traitSpec.exec(key)?.[1];
    if (trait !== undefined && value === 'required') required.add(trait);
  }
  return {
    resources: resourcesOf(flavor),
    ...(required.size > 0 && { requiredTraits: [...required] }),
    ...(forbidden.size > 0 && { forbiddenTraits: [...forbidden] }),
  };
}

/**
 * What a flavor takes, by resource class; classes of which it takes nothing are left out. As with Nova's
 * RequestGroup.add_resource, an extra spec is ignored when its class is neither a standard nor a custom one, or its amount
 * is no number.
 */
export function resourcesOf(flavor: FlavorSnapshot): Resources {
  const resources: Record<string, number> = {
    VCPU: flavor.vcpus,
    MEMORY_MB: flavor.memoryMb,
    DISK_GB: flavor.rootGb + flavor.ephemeralGb + Math.ceil(flavor.swapMb / 1024),
  };
  const overridden = new Set<string>();
  for (const [key, value] of Object.entries(flavor.extraSpecs)) {
    const resourceClass = resourceSpec.exec(key)?.[1];
    if (resourceClass === undefined || !isClass(resourceClass) || !/^\d+$/.test(value)) continue;
    const before = overridden.has(resourceClass) ? (resources[resourceClass] ?? 0) : 0;
    resources[resourceClass] = before + Number(value);
    overridden.add(resourceClass);
  }
  return Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0));
}

/** A custom class need not exist: then no host has it. */
const isClass = (name: string): boolean =>
  name.startsWith('CUSTOM_') || standardResourceClasses.includes(name);
