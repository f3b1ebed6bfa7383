import type { PortFacts } from '#contracts/network.ts';

import { portsOf } from '../servers/ports.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** Everything metadata is made of: one server and what belongs to it. */
export interface MetadataSubject {
  readonly server: Server;
  /** Its ports in the order the guest sees them. */
  readonly ports: readonly PortFacts[];
  readonly securityGroups: readonly string[];
  /** `ssh` or `x509`. */
  readonly keyType: string;
  /** Host name with the domain that DHCP gives out. */
  readonly fullName: string;
  readonly vendorData: unknown;
  /** Kept in memory only while the server is built; goes to the config drive, never over the network. */
  readonly adminPassword: string | undefined;
}

/** Looks up what metadata of a server is made of. */
export async function metadataSubject(service: Compute, server: Server): Promise<MetadataSubject> {
  const { network, options } = service.parts;
  const position = new Map(server.interfaces.map((nic, i) => [nic.portId, i]));
  const ports = (await portsOf(service, [server])).toSorted(
    (a, b) => (position.get(a.id) ?? Infinity) - (position.get(b.id) ?? Infinity),
  );
  const groupIds = [...new Set(ports.flatMap((port) => port.securityGroups))];
  const groups = groupIds.length > 0 ? await network.securityGroupsById(groupIds) : [];
  return {
    server,
    ports,
    securityGroups: groups.map((group) => group.name),
    keyType: server.keyData?.startsWith('-----BEGIN CERTIFICATE') ? 'x509' : 'ssh',
    fullName: options.dhcp_domain === '' ? server.hostname : `${server.hostname}.${options.dhcp_domain}`,
    vendorData: service.vendorData.read(),
    adminPassword: service.adminPasswords.get(server.id),
  };
}
