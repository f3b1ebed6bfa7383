import { findAddressGroup } from '../address-groups/store.ts';
import { findAddressScope } from '../address-scopes/store.ts';
import { findNetwork } from '../networks/store.ts';
import { owners } from '../ports/owners.ts';
import { everything } from '../resource/viewer.ts';
import { findGroup } from '../security-groups/store.ts';
import { findSubnetPool } from '../subnetpools/store.ts';
import type { Db } from '../tables.ts';

/** Kinds of objects policies can open to others, as the API names them. */
export const objectTypes = [
  'network',
  'security_group',
  'address_scope',
  'address_group',
  'subnetpool',
] as const;
/** One of {@link objectTypes}; of Neutron's types QoS policies are missing, for there are none. */
export type ObjectType = (typeof objectTypes)[number];

interface Owned {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
}

const finders: Readonly<
  Record<ObjectType, (db: Db, id: string, viewer: typeof everything) => Promise<Owned | undefined>>
> = {
  network: findNetwork,
  security_group: findGroup,
  address_scope: findAddressScope,
  address_group: findAddressGroup,
  subnetpool: findSubnetPool,
};

/** An object a policy is about. */
export const findObject = (db: Db, type: ObjectType, id: string): Promise<Owned | undefined> =>
  finders[type](db, id, everything);

/** The projects that use an object which is shared, its owner perhaps among them. */
export async function usersOf(db: Db, type: ObjectType, id: string): Promise<string[]> {
  switch (type) {
    case 'security_group':
      return portProjects(db, id);
    case 'address_scope':
      return distinct(
        db
          .selectFrom('network_subnetpools')
          .select('project_id')
          .where('address_scope_id', '=', id)
          .execute(),
      );
    case 'address_group':
      return distinct(
        db
          .selectFrom('network_security_group_rules')
          .select('project_id')
          .where('remote_address_group_id', '=', id)
          .execute(),
      );
    case 'subnetpool':
      return distinct(
        db.selectFrom('network_subnets').select('project_id').where('subnetpool_id', '=', id).execute(),
      );
    case 'network':
      // gateways and floating ips have ports that belong to nobody
      return distinct(
        db
          .selectFrom('network_ports')
          .select('project_id')
          .distinct()
          .where('network_id', '=', id)
          .where('project_id', '!=', '')
          .execute(),
      );
  }
}

/** The projects whose routers lead out through a network. */
export const gatewayProjects = (db: Db, networkId: string): Promise<string[]> =>
  distinct(
    db
      .selectFrom('network_ports as p')
      .innerJoin('network_routers as r', 'r.id', 'p.device_id')
      .select('r.project_id')
      .where('p.network_id', '=', networkId)
      .where('p.device_owner', '=', owners.routerGateway)
      .execute(),
  );

const portProjects = (db: Db, groupId: string): Promise<string[]> =>
  distinct(
    db
      .selectFrom('network_port_security_groups as g')
      .innerJoin('network_ports as p', 'p.id', 'g.port_id')
      .select('p.project_id')
      .where('g.security_group_id', '=', groupId)
      .execute(),
  );

async function distinct(rows: Promise<{ project_id: string }[]>): Promise<string[]> {
  return [...new Set((await rows).map((row) => row.project_id))];
}
