import { imageApi } from '#services/image/service.ts';

import { ImageClient } from '../../support/image.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, ownerIds, paramsOf, type Subject } from '../world.ts';

const sharedWith = 'project-d';

export const imageSubject: Subject = { api: imageApi, build };

/** Each owner has an image that is shared with one project no persona is in. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const client = await ImageClient.open(database);
  const imageOf = async (as: string): Promise<string> => {
    const { id } = await client.image({ visibility: 'shared', tags: ['tag'] }, 'data', as);
    await client.post(`/images/${id}/members`, { member: sharedWith }, as);
    return id;
  };
  const images = { a: await imageOf('member'), b: await imageOf('stranger') };
  return {
    service: client.running.service,
    ask: ({ method, path }, owner) => ({
      params: { image_id: images[owner], member_id: sharedWith, tag: 'tag', store_id: 'file' },
      headers: { 'content-type': contentTypeOf(method, path) },
    }),
    target: ({ path }, owner, caller) => {
      // what is made or listed is the caller's own
      const own = paramsOf(path).includes('image_id') ? ownerIds[owner].project : caller.projectId;
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
