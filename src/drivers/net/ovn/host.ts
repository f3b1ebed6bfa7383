import type { MetadataNetwork } from '#contracts/metadata.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import type { MetadataHandler, NetHost } from '../driver.ts';
import { hasDevice, ownersOf, type Purpose } from './devices.ts';
import { MetadataServers } from './metadata.ts';
import { metadataOwner, owned } from './names.ts';
import { hasTap, makeTap, removeTap, tapName } from './taps.ts';
import { VswitchPorts } from './vswitch-ports.ts';

/** The network driver's half on a hypervisor: taps and metadata on the local switch's integration bridge. */
export class OvnHost implements NetHost {
  readonly name = 'ovn';
  readonly #ports: VswitchPorts;
  readonly #metadata: MetadataServers;

  /** `switch` is the remote of the local switch's database. */
  constructor(parts: { readonly switch: string; readonly log: Logger }) {
    this.#ports = new VswitchPorts(parts.switch);
    this.#metadata = new MetadataServers(this.#ports, parts.log);
  }

  async plug(port: {
    portId: string;
    mac: string;
    mtu: number;
    guestUid: number | null;
  }): Promise<{ tap: string }> {
    const { portId, mac } = port;
    const tap = tapName(portId);
    // the switch may remember a device of this name that is gone
    if (!hasTap(portId)) await this.#ports.remove(portId);
    await makeTap(port);
    await this.#ports.add({ id: portId, device: tap, mac, owner: [owned.port, portId] });
    return { tap };
  }

  async unplug(portId: string): Promise<void> {
    await this.#ports.remove(portId);
    await removeTap(portId);
  }

  /** A switch remembers ports over a reboot of the host, their devices do not last: such a port is not plugged. */
  async plugged(): Promise<readonly string[]> {
    const interfaces = await this.#ports.interfaces();
    return interfaces.flatMap(({ device, ids }) =>
      ids[owned.port] && hasDevice(device) ? [ids[owned.port]!] : [],
    );
  }

  serveMetadata(networks: readonly MetadataNetwork[], answer: MetadataHandler): Promise<void> {
    return this.#metadata.serve(networks, answer);
  }

  async orphans(known: { ports: readonly string[]; networks: readonly string[] }): Promise<string[]> {
    const interfaces = await this.#ports.interfaces();
    const unknown = async (purpose: Purpose, key: string, ids: readonly string[]): Promise<string[]> => {
      const plugged = interfaces.flatMap((row) => row.ids[key] ?? []);
      const found = new Set([...plugged, ...(await ownersOf(purpose))]);
      return [...found.difference(new Set(ids))].map((id) => `${purpose} ${id}`);
    };
    return [
      ...(await unknown('port', owned.port, known.ports)),
      ...(await unknown('metadata', metadataOwner, known.networks)),
    ];
  }

  async removeOrphan(name: string): Promise<void> {
    const [, kind, id] = /^(port|metadata) ([\w-]+)$/.exec(name) ?? [];
    if (kind === 'port') await this.unplug(id!);
    else if (kind === 'metadata') await this.#metadata.remove(id!);
    else throw notFound(`${JSON.stringify(name)} is not the name of an orphan`);
  }

  async close(): Promise<void> {
    await this.#metadata.close();
    this.#ports.close();
  }
}
