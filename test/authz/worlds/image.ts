import { imageApi } from '#services/image/api.ts';

import { ImageClient } from '../../support/image.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, type Owner, ownerIds, paramsOf, type Subject } from '../world.ts';

const sharedWith = 'project-d';

/** The name of everything a namespace defines. */
const defined = 'defined';

const property = { title: 'Defined', type: 'string' };

const definitions = {
  visibility: 'private',
  resource_type_associations: [{ name: defined }],
  properties: { [defined]: property },
  objects: [{ name: defined, properties: { [defined]: property } }],
  tags: [{ name: defined }],
};

/** Image whose owners have each shared an image and keep definitions to themselves. */
export const imageSubject: Subject = { api: imageApi, build };

/** Each owner has an image that is shared with one project no persona is in, and a private namespace of definitions. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const client = await ImageClient.open(database);
  const imageOf = async (as: string): Promise<string> => {
    const { id } = await client.image({ visibility: 'shared', tags: ['tag'] }, 'data', as);
    await client.post(`/images/${id}/members`, { member: sharedWith }, as);
    return id;
  };
  const images = { a: await imageOf('member'), b: await imageOf('stranger') };
  const namespaceOf = async (owner: Owner): Promise<string> => {
    const namespace = `authz::${owner}`;
    const body = { namespace, ...definitions, owner: ownerIds[owner].project };
    await client.post('/metadefs/namespaces', body, 'admin');
    return namespace;
  };
  const namespaces = { a: await namespaceOf('a'), b: await namespaceOf('b') };
  return {
    service: client.running.service,
    ask: ({ method, path }, owner) => ({
      params: {
        image_id: images[owner],
        member_id: sharedWith,
        tag: 'tag',
        store_id: 'file',
        namespace: namespaces[owner],
        name: defined,
      },
      headers: { 'content-type': contentTypeOf(method, path) },
    }),
    target: ({ path }, owner, caller) => {
      // what is made or listed is the caller's own
      const isOwned = paramsOf(path).some((name) => name === 'image_id' || name === 'namespace');
      const own = isOwned ? ownerIds[owner].project : caller.projectId;
      return { project_id: own, owner: own, member_id: sharedWith, visibility: 'private' };
    },
    async close() {
      await client.close();
      await remove();
    },
  };
}

function contentTypeOf(method: string, path: string): string {
  if (method === 'PATCH') return 'application/openstack-images-v2.1-json-patch';
  return /\/(file|stage)$/.test(path) ? 'application/octet-stream' : 'application/json';
}
