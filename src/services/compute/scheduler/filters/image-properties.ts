import type { HostFacts } from '#contracts/guest.ts';

import type { HostFilter } from '../host-state.ts';

/** Only hosts with the architecture and hypervisor that the image's properties name. */
export const imagePropertiesFilter: HostFilter = {
  name: 'ImagePropertiesFilter',
  passes: (host, { server }) => fitsImage(host.host.facts, server.image.properties),
};

/** Whether a host can run an image with these properties. */
export function fitsImage(facts: HostFacts, properties: Readonly<Record<string, string>>): boolean {
  const arch = properties.hw_architecture ?? properties.architecture;
  if (arch !== undefined && canonical(arch) !== canonical(facts.architecture)) return false;
  const type = properties.img_hv_type ?? properties.hypervisor_type;
  if (type !== undefined && canonicalType(type) !== canonicalType(facts.hypervisorType)) return false;
  const versions = properties.img_hv_requested_version ?? properties.hypervisor_version_requires;
  return versions === undefined || satisfies(facts.hypervisorVersion, versions);
}

const names: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_32: 'i686',
  i386: 'i686',
  x86: 'i686',
  arm64: 'aarch64',
};
const canonical = (architecture: string): string =>
  names[architecture.toLowerCase()] ?? architecture.toLowerCase();

/** `kvm` and `qemu` are one hypervisor with two ways to run a CPU; a simulated one stands for it. */
const canonicalType = (type: string): string =>
  ['kvm', 'qemu', 'sim'].includes(type.toLowerCase()) ? 'qemu' : type.toLowerCase();

/** Whether a version in Nova's integer form meets requirements such as `>=6.0,<9`. */
function satisfies(version: number, requirements: string): boolean {
  return requirements.split(',').every((requirement) => {
    const match = /^(>=|<=|==|!=|=|>|<)?\s*([\d.]+)$/.exec(requirement.trim());
    if (!match) return false;
    const [major = 0, minor = 0, patch = 0] = match[2]!.split('.').map(Number);
    const wanted = major * 1_000_000 + minor * 1000 + patch;
    switch (match[1] ?? '==') {
      case '>=':
        return version >= wanted;
      case '<=':
        return version <= wanted;
      case '>':
        return version > wanted;
      case '<':
        return version < wanted;
      case '!=':
        return version !== wanted;
      default:
        return version === wanted;
    }
  });
}
