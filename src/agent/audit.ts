import type { NetHost } from '#drivers/net/driver.ts';
import type { VirtDriver } from '#drivers/virt/driver.ts';
import { notFound } from '#kit/errors/cloud-error.ts';

import type { MetadataRelay } from './metadata.ts';
import type { Specs } from './specs.ts';

/** What control knows to exist. */
export interface Known {
  readonly servers: readonly string[];
  readonly ports: readonly string[];
  readonly networks: readonly string[];
}

/** Finds traces on this host without an owner. Their names say who found them: `virt guest …`, `net …`, `spec …`. */
export class Audit {
  readonly #virt: VirtDriver;
  readonly #net: NetHost;
  readonly #specs: Specs;
  readonly #metadata: MetadataRelay;

  constructor(parts: { virt: VirtDriver; net: NetHost; specs: Specs; metadata: MetadataRelay }) {
    this.#virt = parts.virt;
    this.#net = parts.net;
    this.#specs = parts.specs;
    this.#metadata = parts.metadata;
  }

  async orphans(known: Known): Promise<string[]> {
    const servers = new Set(known.servers);
    // what is being taken away is nobody's for a moment
    await this.#metadata.idle();
    const [virt, net] = await Promise.all([this.#virt.orphans(known.servers), this.#net.orphans(known)]);
    const specs = this.#specs.all().filter(({ id }) => !servers.has(id));
    return [
      ...virt.map((name) => `virt ${name}`),
      ...net.map((name) => `net ${name}`),
      ...specs.map(({ id }) => `spec ${id}`),
    ];
  }

  /** Removes what {@link orphans} named. Throws `notFound` for a name that cannot be one of those. */
  async remove(name: string): Promise<void> {
    const [finder, rest] = splitOnce(name);
    if (finder === 'virt') await this.#virt.removeOrphan(rest);
    else if (finder === 'net') await this.#net.removeOrphan(rest);
    else if (finder === 'spec') await this.#specs.remove(rest);
    else throw notFound(`${JSON.stringify(name)} is not the name of an orphan`);
  }
}

function splitOnce(name: string): [string, string] {
  const blank = name.indexOf(' ');
  return blank < 0 ? [name, ''] : [name.slice(0, blank), name.slice(blank + 1)];
}
