import { fromJson } from '#kit/db/columns.ts';
import { forbidden } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { cidrOf } from '../addressing/ip.ts';
import { invalidInput, networkNotFound } from '../errors.ts';
import { findNetwork } from '../networks/store.ts';
import { loading } from '../resource/handlers.ts';
import { bump } from '../resource/revision.ts';
import { cidr, listOf } from '../resource/values.ts';
import { everything, type Viewer, viewerOf } from '../resource/viewer.ts';
import { routersOn } from '../routers/store.ts';
import type { Network } from '../service.ts';
import { subnetsOfNetwork, updateSubnetRow } from '../subnets/store.ts';
import type { Work } from '../work.ts';
import { illegalUpdate, subnetPoolNotFound } from './errors.ts';
import { shrinkPool, updateSubnetPool } from './lifecycle.ts';
import { subnetPools } from './noun.ts';
import { intersects, prefixSet } from './prefixes.ts';
import { findSubnetPool, type SubnetPoolRow, subnetsOfPool } from './store.ts';

const endpoint = endpointOf<Network>();

/**
 * What can be done to a pool's prefixes (the extensions subnetpool-prefix-ops and subnet_onboard). Onboarding answers a
 * bare list, as Neutron does.
 */
export const subnetPoolActionEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/subnetpools/{id}/add_prefixes',
    policy: 'add_prefixes',
    load: loading(subnetPools),
    target: subnetPools.target,
    body: 'json',
    status: 200,
    handler: async (call) => {
      const added = readPrefixes(call.body);
      const pool = await changed(call, async (work, before, viewer) => {
        if (added.length === 0) return;
        const prefixes = [...fromJson<string[]>(before.prefixes), ...added];
        await updateSubnetPool(work, before, { prefixes }, viewer);
      });
      return { prefixes: fromJson<string[]>(pool.prefixes) };
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/subnetpools/{id}/remove_prefixes',
    policy: 'remove_prefixes',
    load: loading(subnetPools),
    target: subnetPools.target,
    body: 'json',
    status: 200,
    handler: async (call) => {
      const removed = readPrefixes(call.body);
      const pool = await changed(call, async (work, before) => {
        await shrinkPool(work, before, removed);
      });
      return { prefixes: fromJson<string[]>(pool.prefixes) };
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/subnetpools/{id}/onboard_network_subnets',
    policy: 'onboard_network_subnets',
    load: loading(subnetPools),
    target: subnetPools.target,
    body: 'json',
    status: 200,
    handler: async (call) => {
      const networkId = (call.body as { network_id?: unknown } | undefined)?.network_id;
      if (typeof networkId !== 'string') throw invalidInput('network_id must be specified.');
      let onboarded: { id: string; cidr: string }[] = [];
      await changed(call, async (work, pool, viewer) => {
        onboarded = await onboard(work, pool, networkId, viewer);
      });
      return onboarded;
    },
  }),
];

type PoolCall = Call<Network, { id: string }, unknown, SubnetPoolRow>;

function changed(
  call: PoolCall,
  change: (work: Work, pool: SubnetPoolRow, viewer: Viewer) => Promise<void>,
): Promise<SubnetPoolRow> {
  const { id } = call.params;
  const viewer = viewerOf(call);
  return call.service.write(async (work) => {
    await bump(work, 'network_subnetpools', id, subnetPoolNotFound);
    await change(work, (await findSubnetPool(work.db, id, viewer))!, viewer);
    return (await findSubnetPool(work.db, id, everything))!;
  });
}

const prefixList = listOf(cidr);

function readPrefixes(body: unknown): readonly string[] {
  const given = (body as { prefixes?: unknown } | undefined)?.prefixes;
  if (given === undefined) throw invalidInput("Unable to find 'prefixes' in request body");
  const prefixes = prefixList.convert!(given);
  const problem = prefixList.problem!(prefixes);
  if (problem) throw invalidInput(problem);
  return prefixes as string[];
}

/** Takes the subnets of a network into a pool, with the prefixes they lie in. */
async function onboard(
  work: Work,
  pool: SubnetPoolRow,
  networkId: string,
  viewer: Viewer,
): Promise<{ id: string; cidr: string }[]> {
  const network = await findNetwork(work.db, networkId, viewer);
  if (!network) throw networkNotFound(networkId);
  if (!viewer.admin && network.project_id !== viewer.projectId)
    throw forbidden('Not authorized.', { type: 'NotAuthorized' });
  const all = await subnetsOfNetwork(work.db, networkId);
  const subnets = all.filter((subnet) => subnet.ip_version === pool.ip_version);
  const used = (await subnetsOfPool(work.db, pool.id)).map((subnet) => cidrOf(subnet.cidr));
  for (const subnet of subnets) {
    const own = prefixSet([subnet.cidr]);
    if (used.some((taken) => intersects(own, { version: taken.version, ranges: [taken] }))) {
      throw illegalUpdate(
        `Onboarding subnet ${subnet.id}: ${subnet.cidr} conflicts with allocated prefixes in subnet pool ${pool.id}`,
      );
    }
  }
  const prefixes = [...fromJson<string[]>(pool.prefixes), ...subnets.map((subnet) => subnet.cidr)];
  await updateSubnetPool(work, pool, { prefixes }, viewer);
  for (const { id } of subnets) await updateSubnetRow(work.db, id, { subnetpool_id: pool.id });
  // the subnets are in the pool's address scope from now on
  work.touch('router', ...(await routersOn(work.db, networkId)));
  return subnets.map(({ id, cidr: network }) => ({ id, cidr: network }));
}
