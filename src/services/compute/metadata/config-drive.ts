import type { ConfigFile } from '#contracts/guest.ts';

import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { ec2Json, ec2Tree, type Ec2Tree } from './ec2.ts';
import { contentFiles, type Document, documentNames, documentOf } from './openstack.ts';
import { type MetadataSubject, metadataSubject } from './subject.ts';
import { ec2Versions, type OpenstackVersion, openstackVersions, versionNamed } from './versions.ts';

/** The EC2 versions Nova leaves off the drive (`config_drive_skip_versions`): nobody asks for them. */
const skipped = new Set<string>(ec2Versions.slice(0, -1));

/** The files of a server's config drive: what the metadata service would answer, all of it, and injected files. */
export async function configDriveFiles(service: Compute, server: Server): Promise<ConfigFile[]> {
  const subject = await metadataSubject(service, server);
  return [
    ...[...ec2Versions, 'latest'].filter((v) => !skipped.has(v)).flatMap((v) => ec2Files(subject, v)),
    ...[...openstackVersions, 'latest'].flatMap((version) => openstackFiles(subject, version)),
    ...contentFiles(subject).map(({ key, contents }) => fileOf(`openstack/content/${key}`, contents)),
  ];
}

function ec2Files(subject: MetadataSubject, directory: string): ConfigFile[] {
  const tree = ec2Tree(subject, versionNamed(ec2Versions, directory)!);
  const userData = tree['user-data'];
  return [
    fileOf(`ec2/${directory}/meta-data.json`, ec2Json(tree['meta-data'] as Ec2Tree)),
    ...(userData instanceof Uint8Array ? [fileOf(`ec2/${directory}/user-data`, userData)] : []),
  ];
}

function openstackFiles(subject: MetadataSubject, directory: string): ConfigFile[] {
  const version = versionNamed(openstackVersions, directory)!;
  return documentNames(subject, version)
    .filter((name) => name !== 'password')
    .map((name) => fileOf(`openstack/${directory}/${name}`, driveDocument(subject, version, name)));
}

/** The drive also tells the administrator's password, which the network service never does. */
function driveDocument(subject: MetadataSubject, version: OpenstackVersion, name: string): Document {
  const document = documentOf(subject, version, name)!;
  if (name !== 'meta_data.json' || subject.adminPassword === undefined) return document;
  return JSON.stringify({ ...JSON.parse(document as string), admin_pass: subject.adminPassword });
}

const fileOf = (path: string, content: Document): ConfigFile =>
  typeof content === 'string'
    ? { path, content, encoding: 'utf8' }
    : { path, content: Buffer.from(content).toString('base64'), encoding: 'base64' };
