import { randomBytes } from 'node:crypto';

import { readBase64 } from '../base64.ts';
import { hardwareOf } from '../operations/hardware.ts';
import { networkData } from './network-data.ts';
import type { MetadataSubject } from './subject.ts';
import { type OpenstackVersion, releases } from './versions.ts';

/** A document of the OpenStack format: text, or bytes as the user gave them. */
export type Document = string | Uint8Array;

type Maker = (subject: MetadataSubject, version: OpenstackVersion) => Document | undefined;

/** The documents of a version directory, each with the first version that has it. */
const documents: readonly { name: string; since?: OpenstackVersion; make: Maker }[] = [
  { name: 'meta_data.json', make: metaData },
  { name: 'user_data', make: ({ server }) => userDataOf(server.userData) },
  { name: 'password', since: releases.grizzly, make: ({ server }) => passwordOf(server.systemMetadata) },
  { name: 'vendor_data.json', since: releases.havana, make: ({ vendorData }) => json(vendorData) },
  { name: 'network_data.json', since: releases.liberty, make: ({ ports }) => json(networkData(ports)) },
  {
    name: 'vendor_data2.json',
    since: releases.newtonTwo,
    make: ({ vendorData }) => json({ static: vendorData }),
  },
];

/** The names in a version directory, in Nova's order. */
export const documentNames = (subject: MetadataSubject, version: OpenstackVersion): string[] =>
  documents
    .filter(
      ({ name, since }) =>
        (since ?? version) <= version && (name !== 'user_data' || subject.server.userData !== null),
    )
    .map(({ name }) => name);

/** A document of a version directory; undefined when there is none of that name. */
export function documentOf(
  subject: MetadataSubject,
  version: OpenstackVersion,
  name: string,
): Document | undefined {
  const found = documents.find((document) => document.name === name);
  return found && (found.since ?? version) <= version ? found.make(subject, version) : undefined;
}

/** The content files that documents refer to, by number. */
export const contentFiles = ({
  server,
}: MetadataSubject): { path: string; key: string; contents: Uint8Array }[] =>
  server.injectedFiles.map((file, i) => ({
    path: file.path,
    key: String(i).padStart(4, '0'),
    contents: bytesOf(file.contents),
  }));

function metaData(subject: MetadataSubject, version: OpenstackVersion): string {
  const { server, fullName, keyType } = subject;
  const files = contentFiles(subject);
  const { keyName, keyData } = server;
  return json({
    uuid: server.id,
    ...(Object.keys(server.metadata).length > 0 && { meta: server.metadata }),
    ...(files.length > 0 && {
      files: files.map(({ path, key }) => ({ path, content_path: `/content/${key}` })),
    }),
    ...(keyName !== null &&
      keyData !== null && {
        public_keys: { [keyName]: keyData },
        keys: [{ name: keyName, type: keyType, data: keyData }],
      }),
    hostname: fullName,
    name: server.name,
    launch_index: server.launchIndex,
    availability_zone: server.availabilityZone,
    ...(version >= releases.grizzly && { random_seed: randomBytes(512).toString('base64') }),
    ...(version >= releases.liberty && { project_id: server.projectId }),
    ...(version >= releases.newtonOne && { devices: devicesOf(subject) }),
    ...(version >= releases.victoria && { dedicated_cpus: [] }),
  });
}

/** The devices that bear a tag, which is how a guest knows them apart. */
function devicesOf({ server }: MetadataSubject): object[] {
  const nics = server.interfaces.filter((nic) => nic.tag !== null);
  const disks = server.blockDevices.filter((disk) => disk.tag !== null);
  const bus = hardwareOf(server).diskBus;
  return [
    ...nics.map((nic) => ({
      type: 'nic',
      mac: nic.mac,
      bus: 'pci',
      address: 'none',
      tags: [nic.tag],
      vf_trusted: false,
    })),
    ...disks.map((disk) => ({
      type: 'disk',
      path: disk.deviceName,
      bus: bus === 'virtio' ? 'pci' : bus,
      address: 'none',
      tags: [disk.tag],
    })),
  ];
}

/** What the user gave, decoded. */
export const userDataOf = (encoded: string | null): Uint8Array | undefined =>
  encoded === null ? undefined : bytesOf(encoded);

const bytesOf = (encoded: string): Uint8Array => readBase64(encoded) ?? Buffer.alloc(0);

/** The password a guest once posted, encrypted with the server's key; empty when it did not. */
export const passwordOf = (systemMetadata: Readonly<Record<string, string>>): string =>
  systemMetadata.password ?? '';

const json = (value: unknown): string => JSON.stringify(value ?? {});
