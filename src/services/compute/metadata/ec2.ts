import { userDataOf } from './openstack.ts';
import type { MetadataSubject } from './subject.ts';
import { type Ec2Version, ec2Versions } from './versions.ts';

/** A tree of EC2 metadata: an inner node is listed by its names, a leaf is text. */
export interface Ec2Tree {
  readonly [name: string]: Ec2Tree | Ec2Leaf;
}

/** A value of EC2 metadata; a list is printed a line each, bytes are user data as the user gave it. */
export type Ec2Leaf = string | number | readonly string[] | Uint8Array;

/** How a node that has a name of its own shows in its parent's list: `0=keyname`. */
export const shownAs = Symbol('shownAs');

const hex = (number: number): string => number.toString(16).padStart(8, '0');
/** EC2 numbers what OpenStack gives a UUID; part of it will do for images, of which EC2 calls do not exist any more. */
const fromUuid = (prefix: string, uuid: string): string => `${prefix}-${uuid.slice(0, 8)}`;

/** EC2's instance id of a server. */
export const ec2InstanceId = (number: number): string => `i-${hex(number)}`;

/** Everything under a version of the EC2 format. */
export function ec2Tree(subject: MetadataSubject, version: Ec2Version): Ec2Tree {
  const userData = userDataOf(subject.server.userData);
  return {
    'meta-data': metaData(subject, version),
    ...(userData && { 'user-data': userData }),
  };
}

function metaData(subject: MetadataSubject, version: Ec2Version): Ec2Tree {
  const { server, fullName } = subject;
  const since = (first: Ec2Version): boolean => ec2Versions.indexOf(version) >= ec2Versions.indexOf(first);
  const addresses = subject.ports.flatMap((port) => port.addresses);
  const local = addresses.find((address) => address.version === 4)?.address ?? '';
  const floating = addresses.flatMap((address) => address.floating)[0] ?? '';
  const { kernel, ramdisk } = server.image;
  return {
    'ami-id': fromUuid('ami', server.imageRef),
    'ami-launch-index': server.launchIndex,
    'ami-manifest-path': 'FIXME',
    'instance-id': ec2InstanceId(server.number),
    hostname: fullName,
    'local-ipv4': local,
    'reservation-id': server.reservationId,
    'security-groups': subject.securityGroups,
    ...publicKeys(server.keyName, server.keyData),
    ...(since('2007-01-19') && {
      'local-hostname': fullName,
      'public-hostname': fullName,
      'public-ipv4': floating,
    }),
    ...(since('2007-08-29') && { 'instance-type': server.flavor.name }),
    ...(since('2007-12-15') && {
      'block-device-mapping': blockDevices(subject),
      ...(kernel && { 'kernel-id': fromUuid('aki', kernel.id) }),
      ...(ramdisk && { 'ramdisk-id': fromUuid('ari', ramdisk.id) }),
    }),
    ...(since('2008-02-01') && {
      placement: { 'availability-zone': server.availabilityZone ?? '' },
    }),
    ...(since('2008-09-01') && { 'instance-action': 'none' }),
  };
}

function publicKeys(name: string | null, key: string | null): Ec2Tree {
  if (name === null) return {};
  const first = { 'openssh-key': key ?? '', [shownAs]: `0=${name}` };
  return { 'public-keys': { '0': first } };
}

function blockDevices({ server }: MetadataSubject): Ec2Tree {
  const ephemerals = server.blockDevices.filter((device) => device.kind === 'ephemeral');
  const swap = server.blockDevices.find((device) => device.kind === 'swap');
  return {
    ami: server.rootDeviceName.replace(/^\/dev\//, ''),
    root: server.rootDeviceName,
    ...Object.fromEntries(ephemerals.map((device, i) => [`ephemeral${i}`, device.deviceName])),
    ...(swap && { swap: swap.deviceName }),
  };
}

const isLeaf = (node: Ec2Tree | Ec2Leaf): node is Ec2Leaf =>
  typeof node !== 'object' || Array.isArray(node) || node instanceof Uint8Array;

/** What stands at a path of a tree; undefined when there is nothing. */
export function ec2Item(tree: Ec2Tree, path: readonly string[]): Ec2Tree | Ec2Leaf | undefined {
  let node: Ec2Tree | Ec2Leaf = tree;
  for (const name of path) {
    if (isLeaf(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name]!;
  }
  return node;
}

/** A node as the service prints it: a list of names, those of inner nodes with a slash, or the text itself. */
export function printEc2(node: Ec2Tree | Ec2Leaf): string | Uint8Array {
  if (isLeaf(node)) {
    if (node instanceof Uint8Array) return node;
    return typeof node === 'object' ? node.join('\n') : String(node);
  }
  return Object.keys(node)
    .sort()
    .map((name) => {
      const inner = node[name]!;
      if (isLeaf(inner)) return name;
      return (inner as { [shownAs]?: string })[shownAs] ?? `${name}/`;
    })
    .join('\n');
}

/** A tree as the config drive's JSON holds it. */
export const ec2Json = (tree: Ec2Tree): string => JSON.stringify(tree);
