import Type from 'typebox';

import type { PortFacts } from '#contracts/network.ts';
import { badRequest, isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { requesterOf } from '../operations/begin.ts';
import { type AskingCall, askPeer } from '../peers/ask.ts';
import { ipAddress } from '../servers/fields.ts';
import { portsOf } from '../servers/ports.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, onServer } from './endpoint.ts';

const endpoint = endpointOf<Compute>();

const until = '2.43';

const networkId = Type.Unsafe<string | number>({ type: ['string', 'number'], minLength: 1, maxLength: 36 });
const addBody = actionBody('addFixedIp', Type.Object({ networkId }, { additionalProperties: false }));
const removeBody = actionBody(
  'removeFixedIp',
  Type.Object({ address: ipAddress }, { additionalProperties: false }),
);

/** What Network shows of a port's address, as far as it matters here. */
interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: string;
}

/** Actions that give a server's port another address or take one away, as Compute did until 2.43. */
export const fixedIpActions = [
  endpoint({
    ...onServer('addFixedIp'),
    until,
    policy: 'os_compute_api:os-multinic:add',
    body: addBody,
    handler: async (call) => {
      checkRule(call.resource, rules.fixedIps, requesterOf(call));
      const network = String(call.body.addFixedIp.networkId);
      const port = (await portsOf(call.service, [call.resource])).find((one) => one.networkId === network);
      if (!port) throw notFound(`Network ${network} could not be found.`);
      const subnets = await subnetsOf(call, network);
      for (const subnetId of subnets) {
        try {
          return await setAddresses(call, port.id, [...fixedIpsOf(port), { subnet_id: subnetId }]);
        } catch (error) {
          // full: perhaps the next subnet has room
          if (!isKind(error, 'conflict')) throw error;
        }
      }
      throw badRequest(`No fixed IP addresses available for network: ${network}`);
    },
  }),
  endpoint({
    ...onServer('removeFixedIp'),
    until,
    policy: 'os_compute_api:os-multinic:remove',
    body: removeBody,
    handler: async (call) => {
      const { resource: server } = call;
      checkRule(server, rules.fixedIps, requesterOf(call));
      const { address } = call.body.removeFixedIp;
      const port = (await portsOf(call.service, [call.resource])).find((one) =>
        one.addresses.some((fixed) => fixed.address === address),
      );
      if (!port) throw badRequest(`Instance ${server.id} does not have fixed IP '${address}'.`);
      await setAddresses(
        call,
        port.id,
        fixedIpsOf(port).filter((fixed) => fixed.ip_address !== address),
      );
    },
  }),
];

const fixedIpsOf = (port: PortFacts): FixedIp[] =>
  port.addresses.map((fixed) => ({ subnet_id: fixed.subnetId, ip_address: fixed.address }));

async function subnetsOf(call: AskingCall, network: string): Promise<string[]> {
  const path = `/v2.0/subnets?network_id=${encodeURIComponent(network)}&fields=id`;
  const { subnets } = await askPeer<{ subnets: { id: string }[] }>(call, 'network', 'GET', path);
  return subnets.map(({ id }) => id);
}

async function setAddresses(
  call: AskingCall,
  port: string,
  fixedIps: readonly Partial<FixedIp>[],
): Promise<void> {
  await askPeer(call, 'network', 'PUT', `/v2.0/ports/${port}`, { body: { port: { fixed_ips: fixedIps } } });
}
