import Type from 'typebox';

import type { PortFacts, SecurityGroupFacts } from '#contracts/network.ts';
import { badRequest, conflict, isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { type AskingCall, askPeer } from '../peers/ask.ts';
import { ipAddress } from '../servers/fields.ts';
import type { ServerCall } from '../servers/find.ts';
import { portsOf } from '../servers/ports.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { onServer } from './endpoint.ts';

const endpoint = endpointOf<Compute>();

const strict = { additionalProperties: false };
// Nova takes other keys beside this one
const groupBody = <const Action extends string>(action: Action) =>
  Type.Object({ [action]: Type.Object({ name: Type.String({ minLength: 1 }) }, strict) } as {
    [A in Action]: ReturnType<typeof Type.Object<{ name: ReturnType<typeof Type.String> }>>;
  });

const addFloatingBody = Type.Object(
  {
    addFloatingIp: Type.Object({ address: ipAddress, fixed_address: Type.Optional(ipAddress) }, strict),
  },
  strict,
);
const removeFloatingBody = Type.Object(
  { removeFloatingIp: Type.Object({ address: ipAddress }, strict) },
  strict,
);

/** Actions that change a server's security groups and, until 2.43, its floating addresses. */
export const networkingActions = [
  endpoint({
    ...onServer('addSecurityGroup'),
    policy: 'os_compute_api:os-security-groups:add',
    body: groupBody('addSecurityGroup'),
    handler: async (call) => {
      const { service, resource: server } = call;
      const group = await findGroup(call, call.body.addSecurityGroup.name);
      for (const port of await requirePorts(service, server)) {
        // a port without port security, or without an address, cannot be in a group
        if (!port.portSecurity || port.addresses.length === 0 || port.securityGroups.includes(group.id))
          continue;
        await service.parts.network.setSecurityGroups(port.id, [...port.securityGroups, group.id]);
      }
    },
  }),
  endpoint({
    ...onServer('removeSecurityGroup'),
    policy: 'os_compute_api:os-security-groups:remove',
    body: groupBody('removeSecurityGroup'),
    handler: async (call) => {
      const { service, resource: server } = call;
      const { name } = call.body.removeSecurityGroup;
      const group = await findGroup(call, name);
      const ports = await requirePorts(service, server);
      const members = ports.filter((port) => port.securityGroups.includes(group.id));
      if (members.length === 0)
        throw notFound(`Security group ${name} not associated with the instance ${server.id}`);
      for (const port of members) {
        const others = port.securityGroups.filter((id) => id !== group.id);
        await service.parts.network.setSecurityGroups(port.id, others);
      }
    },
  }),
  endpoint({
    ...onServer('addFloatingIp'),
    until: '2.43',
    policy: 'os_compute_api:os-floating-ips:add',
    body: addFloatingBody,
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const { address, fixed_address: fixed } = call.body.addFloatingIp;
      const { port, local } = chooseFixed(await portsOf(service, [server]), server, address, fixed);
      try {
        await service.parts.network.associateFloatingIp(auth, address, port.id, local);
      } catch (error) {
        if (isKind(error, 'notFound')) throw notFound('floating IP not found', undefined, error);
        if (isKind(error, 'conflict')) throw badRequest(error.message, undefined, error);
        throw error;
      }
    },
  }),
  endpoint({
    ...onServer('removeFloatingIp'),
    until: '2.43',
    policy: 'os_compute_api:os-floating-ips:remove',
    body: removeFloatingBody,
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const { address } = call.body.removeFloatingIp;
      const ports = await portsOf(service, [server]);
      if (!ports.some((port) => port.addresses.some((fixed) => fixed.floating.includes(address)))) {
        if (!(await isFloatingIp(call, address))) throw notFound('floating IP not found');
        throw conflict(`Floating IP ${address} is not associated with instance ${server.id}.`);
      }
      await service.parts.network.disassociateFloatingIp(auth, address);
    },
  }),
];

/** The ports of a server. Throws `notFound`, as Nova does for what needs one, when it has none. */
async function requirePorts(service: Compute, server: Server): Promise<PortFacts[]> {
  const ports = await portsOf(service, [server]);
  if (ports.length === 0)
    throw notFound(`instance_id ${server.id} could not be found as device id on any ports`);
  return ports;
}

/** Whether the caller has such a floating address. */
async function isFloatingIp(call: AskingCall, address: string): Promise<boolean> {
  const path = `/v2.0/floatingips?floating_ip_address=${encodeURIComponent(address)}&fields=id`;
  const answer = await askPeer<{ floatingips: unknown[] }>(call, 'network', 'GET', path);
  return answer.floatingips.length > 0;
}

async function findGroup(call: ServerCall, name: string): Promise<SecurityGroupFacts> {
  if (name.trim() === '') throw badRequest('Security group name cannot be empty');
  try {
    const [group] = await call.service.parts.network.securityGroups(call.auth, [name]);
    return group!;
  } catch (error) {
    if (!isKind(error, 'notFound')) throw error;
    const message = `Security group ${name} is not found for project ${call.auth.projectId}`;
    throw notFound(message, undefined, error);
  }
}

/** The fixed address that a floating one is to lead to: the one named, else the server's first of IPv4. */
function chooseFixed(
  ports: readonly PortFacts[],
  server: Server,
  floating: string,
  wanted: string | undefined,
): { port: PortFacts; local: string } {
  const all = ports.flatMap((port) => port.addresses.map((fixed) => ({ port, fixed })));
  if (all.length === 0) throw badRequest('No fixed IPs associated to instance');
  const found = all.find(({ fixed }) =>
    wanted === undefined ? fixed.version === 4 : fixed.address === wanted,
  );
  if (found) return { port: found.port, local: found.fixed.address };
  throw badRequest(
    wanted === undefined
      ? `Unable to associate floating IP ${floating} to any fixed IPs for instance ${server.id}. Instance has no fixed IPv4 addresses to associate.`
      : 'Specified fixed address not assigned to instance',
  );
}
