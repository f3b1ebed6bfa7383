import type { DemoParts } from './parts.ts';

/** The flavors every OpenStack user knows: id, name, memory in MB, disk in GB, virtual CPUs. */
const flavors = [
  ['1', 'm1.tiny', 512, 1, 1],
  ['2', 'm1.small', 2048, 20, 1],
  ['3', 'm1.medium', 4096, 40, 2],
  ['4', 'm1.large', 8192, 80, 4],
  ['5', 'm1.xlarge', 16_384, 160, 8],
] as const;

/** Makes the flavors m1.tiny to m1.xlarge; those that are there already are left alone. */
export async function makeFlavors({ client }: DemoParts): Promise<string> {
  const { flavors: present } = await client.get('compute', '/flavors/detail?is_public=none');
  const names = new Set((present as { name: string }[]).map(({ name }) => name));
  for (const [id, name, ram, disk, vcpus] of flavors)
    if (!names.has(name))
      await client.post('compute', '/flavors', { flavor: { id, name, ram, disk, vcpus } });
  return flavors.map(([, name]) => name).join(', ');
}
