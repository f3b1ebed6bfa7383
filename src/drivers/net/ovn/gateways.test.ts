import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { Table } from '#protocols/ovsdb/table.ts';
import { Transaction, type View } from '#protocols/ovsdb/transaction.ts';

import { gatewayGroupUuid, putGatewayGroup } from './gateways.ts';
import { northbound, type NorthboundTables } from './northbound.ts';
import type { ChassisRow } from './southbound.ts';

const chassis = (name: string, mappings = 'public:br-ex', options = ''): ChassisRow => ({
  _uuid: randomUUID(),
  name,
  hostname: name,
  other_config: { 'ovn-bridge-mappings': mappings, 'ovn-cms-options': options },
  external_ids: {},
});

/** Names of the chassis that stand by for a router's gateway, first choice first. */
function ranked(
  routerId: string,
  all: readonly ChassisRow[],
  physical: string | undefined = 'public',
): string[] {
  const tables = Object.entries(northbound.tables).map(([name, columns]) => [name, new Table(columns)]);
  const change = new Transaction(Object.fromEntries(tables) as View<NorthboundTables>);
  putGatewayGroup(change, routerId, physical, all);
  return change
    .row('HA_Chassis_Group', gatewayGroupUuid(routerId))!
    .ha_chassis.map((uuid) => change.row('HA_Chassis', uuid)!)
    .toSorted((a, b) => b.priority - a.priority)
    .map((row) => row.chassis_name);
}

test('only chassis on the physical network, and those meant for gateways when there are any', () => {
  const all = [chassis('a'), chassis('b', 'other:br-x'), chassis('c', 'x:y,public:br-ex'), chassis('d', '')];
  expect(ranked('r', all).toSorted()).toEqual(['a', 'c']);
  const meant = [...all, chassis('e', 'public:br-ex', 'foo,enable-chassis-as-gw')];
  expect(ranked('r', meant)).toEqual(['e']);
  expect(ranked('r', [])).toEqual([]);
  expect(ranked('r', all, '').length).toBe(4);
});

test('gateways spread over the chassis; one that goes moves its own gateways only', () => {
  const all = Array.from({ length: 4 }, (_, i) => chassis(`host-${i}`));
  const routers = Array.from({ length: 400 }, (_, i) => `router-${i}`);
  const first = routers.map((id) => ranked(id, all)[0]!);
  for (const { name } of all) {
    const share = first.filter((chosen) => chosen === name).length;
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
  }
  const [gone, ...left] = all;
  routers.forEach((id, i) => {
    const [now] = ranked(id, left);
    if (first[i] === gone!.name) expect(now).toBe(ranked(id, all)[1]);
    else expect(now).toBe(first[i]);
  });
});

test('no more stand by than is of use', () => {
  const all = Array.from({ length: 20 }, (_, i) => chassis(`host-${i}`));
  expect(ranked('r', all)).toHaveLength(5);
});
