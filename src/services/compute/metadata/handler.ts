import { posix } from 'node:path';

import type { MetadataAnswer, MetadataRequest } from '#contracts/metadata.ts';

import { isPortOf } from '../servers/ports.ts';
import type { Compute } from '../service.ts';
import { ec2Item, ec2Tree, printEc2 } from './ec2.ts';
import { contentFiles, type Document, documentNames, documentOf } from './openstack.ts';
import { type MetadataSubject, metadataSubject } from './subject.ts';
import { ec2Versions, openstackVersions, versionNamed } from './versions.ts';

const answer = (status: number, body: Document = '', contentType = 'text/plain'): MetadataAnswer => ({
  status,
  contentType,
  body: typeof body === 'string' ? Buffer.from(body) : body,
});
const lines = (words: readonly string[]): MetadataAnswer => answer(200, words.join('\n'));
const nothing = () => answer(404, 'Not Found');

/** The most a guest's posted password may be long: it fits into an RSA block, encrypted and in base64. */
const maxPasswordLength = 4 * 255;

/**
 * Answers a guest's request for metadata, in the formats of OpenStack and of EC2. Who asks is told by the network it came
 * from and its source address, never by what it says.
 */
export async function answerMetadata(service: Compute, request: MetadataRequest): Promise<MetadataAnswer> {
  const path = posix
    .normalize(`/${request.path.split('?')[0]}`)
    .split('/')
    .filter(Boolean);
  if (path.length === 0) return lines([...ec2Versions, 'latest']);
  const port = await service.parts.network.portByAddress(request.networkId, request.sourceAddress);
  const server = port && (await service.servers.find(port.deviceId));
  if (!server || !isPortOf(server, port)) return nothing();
  if (isPassword(path) && request.method === 'POST') return keepPassword(service, server.id, request);
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Method Not Allowed');
  const subject = await metadataSubject(service, server);
  return path[0] === 'openstack' ? openstack(subject, path.slice(1)) : ec2(subject, path);
}

function openstack(subject: MetadataSubject, path: readonly string[]): MetadataAnswer {
  const [directory, ...rest] = path;
  if (directory === undefined) return lines([...openstackVersions, 'latest']);
  if (directory === 'content') return content(subject, rest);
  const version = versionNamed(openstackVersions, directory);
  if (version === undefined) return nothing();
  const name = rest.join('/');
  if (name === '') return lines(documentNames(subject, version));
  const document = documentOf(subject, version, name);
  if (document === undefined) return nothing();
  return answer(200, document, name.endsWith('.json') ? 'application/json' : 'text/plain');
}

function content(subject: MetadataSubject, path: readonly string[]): MetadataAnswer {
  const file = contentFiles(subject).find(({ key }) => path.length === 1 && key === path[0]);
  return file ? answer(200, file.contents) : nothing();
}

/** EC2 clients may, and mostly do, leave out the leading `ec2`. */
function ec2(subject: MetadataSubject, path: readonly string[]): MetadataAnswer {
  const [directory, ...rest] = path[0] === 'ec2' ? path.slice(1) : path;
  if (directory === undefined) return lines([...ec2Versions, 'latest']);
  const version = versionNamed(ec2Versions, directory);
  const node = version && ec2Item(ec2Tree(subject, version), rest);
  return node === undefined ? nothing() : answer(200, printEc2(node));
}

const isPassword = (path: readonly string[]): boolean => path[0] === 'openstack' && path[2] === 'password';

/** A guest posts its password once, encrypted with the key of its owner. */
async function keepPassword(
  service: Compute,
  serverId: string,
  request: MetadataRequest,
): Promise<MetadataAnswer> {
  if (request.body === undefined) return answer(405, 'Method Not Allowed');
  const password = Buffer.from(request.body).toString('utf8');
  if (password.length > maxPasswordLength) return answer(400, 'Request is too large.');
  const kept = await service.servers.keepPassword(serverId, password);
  return kept ? answer(200) : answer(409, 'Conflict');
}
