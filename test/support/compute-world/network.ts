import { randomUUID } from 'node:crypto';

import type {
  NetworkContract,
  NetworkSummary,
  NewPort,
  PortFacts,
  PortListener,
  SecurityGroupFacts,
} from '#contracts/network.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { conflict, notFound } from '#kit/errors/cloud-error.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A network service in memory: it outlives the control process whose death a test plays. */
export class NetworkInMemory implements NetworkContract {
  readonly known = new Map<string, NetworkSummary>();
  readonly ports = new Map<string, Writable<PortFacts>>();
  readonly groups = new Map<string, SecurityGroupFacts>();
  /** Whether projects without a network can be given one. */
  allocates = false;
  #address = 1;
  #listener: PortListener = () => {};

  /** Puts a network in place, with a subnet. */
  put(changes: Partial<NetworkSummary> & { id: string }): NetworkSummary {
    const network = {
      name: 'net',
      projectId: 'project-a',
      shared: false,
      external: false,
      hasSubnets: true,
      portSecurity: true,
      ...changes,
    };
    this.known.set(network.id, network);
    return network;
  }

  /** Puts a port in place that nobody uses. */
  putPort(id: string, networkId: string, projectId = 'project-a'): PortFacts {
    return this.#make({ id, networkId, projectId, deviceId: '', deviceOwner: '', securityGroups: [] });
  }

  async networks(caller: Credentials, ids?: readonly string[]): Promise<NetworkSummary[]> {
    const usable = [...this.known.values()].filter(
      (n) => n.shared || n.projectId === caller.projectId || caller.roles.includes('admin'),
    );
    return ids ? ids.flatMap((id) => usable.find((n) => n.id === id) ?? []) : usable;
  }

  async port(id: string): Promise<PortFacts> {
    const port = this.ports.get(id);
    if (!port) throw notFound(`Port ${id} could not be found.`);
    return port;
  }

  async portsOf(deviceIds: readonly string[]): Promise<PortFacts[]> {
    const wanted = new Set(deviceIds);
    return [...this.ports.values()].filter((port) => wanted.has(port.deviceId));
  }

  async securityGroups(caller: Credentials, names: readonly string[]): Promise<SecurityGroupFacts[]> {
    return names.map((name) => {
      const found = [...this.groups.values()].find(
        (g) => g.projectId === caller.projectId && (g.name === name || g.id === name),
      );
      if (!found) throw notFound(`Security group ${name} not found.`);
      return found;
    });
  }

  async securityGroupsById(ids: readonly string[]): Promise<SecurityGroupFacts[]> {
    return ids.flatMap((id) => this.groups.get(id) ?? []);
  }

  async setSecurityGroups(portId: string, ids: readonly string[]): Promise<void> {
    this.#port(portId).securityGroups = ids;
  }

  async checkRoom(): Promise<void> {}

  async createPort(port: NewPort): Promise<PortFacts> {
    const made = this.ports.get(port.id) ?? this.#make(port);
    return port.host === undefined ? made : this.bindPort(made.id, port.host);
  }

  async claimPort(id: string, device: { id: string; owner: string; host?: string }): Promise<PortFacts> {
    const port = this.#port(id);
    if (port.deviceId !== '' && port.deviceId !== device.id) throw conflict(`Port ${id} is in use.`);
    port.deviceId = device.id;
    port.deviceOwner = device.owner;
    return device.host === undefined ? port : this.bindPort(id, device.host);
  }

  async releasePort(id: string): Promise<void> {
    const port = this.ports.get(id);
    if (port) Object.assign(port, { deviceId: '', deviceOwner: '', host: '' });
  }

  async bindPort(id: string, host: string): Promise<PortFacts> {
    const port = this.#port(id);
    port.host = host;
    port.status = 'ACTIVE';
    return port;
  }

  async unbindPort(id: string): Promise<void> {
    const port = this.ports.get(id);
    if (port) Object.assign(port, { host: '', status: 'DOWN' });
  }

  async deletePort(id: string): Promise<void> {
    this.ports.delete(id);
  }

  async portByAddress(networkId: string, address: string): Promise<PortFacts | undefined> {
    return [...this.ports.values()].find(
      (p) => p.networkId === networkId && p.addresses.some((a) => a.address === address),
    );
  }

  async associateFloatingIp(_caller: Credentials, floating: string, portId: string): Promise<void> {
    const port = this.#port(portId);
    port.addresses = port.addresses.map((a, i) => (i === 0 ? { ...a, floating: [floating] } : a));
  }

  async disassociateFloatingIp(_caller: Credentials, floating: string): Promise<void> {
    for (const port of this.ports.values())
      port.addresses = port.addresses.map((a) => ({
        ...a,
        floating: a.floating.filter((address) => address !== floating),
      }));
  }

  async devicePorts(prefix: string): Promise<{ id: string; deviceId: string; host: string }[]> {
    return [...this.ports.values()].filter((port) => port.deviceOwner.startsWith(prefix));
  }

  async autoAllocate(projectId: string): Promise<string> {
    await this.canAutoAllocate();
    const name = 'auto_allocated_network';
    const made = [...this.known.values()].find((one) => one.name === name && one.projectId === projectId);
    return (made ?? this.put({ id: randomUUID(), name, projectId })).id;
  }

  async canAutoAllocate(): Promise<void> {
    if (!this.allocates) throw conflict('Deployment error: No default router:external network.');
  }

  /** The last to listen, which is the living control, hears of what users do to ports. */
  onPort(listener: PortListener): void {
    this.#listener = listener;
  }

  /** Deletes a port as a user does. */
  removePort(id: string): void {
    const { deviceId } = this.#port(id);
    this.ports.delete(id);
    this.#listener({ portId: id, deviceId, status: 'DELETED' });
  }

  #port(id: string): Writable<PortFacts> {
    const port = this.ports.get(id);
    if (!port) throw notFound(`Port ${id} could not be found.`);
    return port;
  }

  #make(port: NewPort): PortFacts {
    const network = this.known.get(port.networkId);
    if (!network) throw notFound(`Network ${port.networkId} could not be found.`);
    const n = ++this.#address;
    const made: PortFacts = {
      id: port.id,
      name: '',
      networkId: port.networkId,
      networkName: network.name,
      networkMtu: 1442,
      projectId: port.projectId,
      mac: `fa:16:3e:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
      status: 'DOWN',
      adminStateUp: true,
      deviceId: port.deviceId,
      deviceOwner: port.deviceOwner,
      host: '',
      vnicType: 'normal',
      vifType: 'ovs',
      addresses: [
        {
          address: port.fixedIp ?? `10.0.${n >> 8}.${n & 255}`,
          version: 4,
          subnetId: `subnet-of-${port.networkId}`,
          cidr: '10.0.0.0/16',
          gateway: '10.0.0.1',
          dnsServers: ['10.0.0.2'],
          routes: [],
          dhcp: true,
          ipv6AddressMode: null,
          floating: [],
        },
      ],
      securityGroups: port.securityGroups.length > 0 ? port.securityGroups : [`default-${port.projectId}`],
      portSecurity: true,
      tags: [],
    };
    const group = `default-${port.projectId}`;
    this.groups.set(group, { id: group, name: 'default', description: '', projectId: port.projectId });
    this.ports.set(port.id, made);
    return made;
  }
}
