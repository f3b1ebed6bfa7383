import { demo } from '../cloud/clouds.ts';
import type { DemoParts } from './parts.ts';

/** Makes project and user `demo`, an ordinary member of it; the administrator is one too, as in DevStack. */
export async function makeProject({ client, demoPassword }: DemoParts): Promise<string> {
  const domain_id = 'default';
  const find = async (collection: string, query: string) =>
    ((await client.get('identity', `/${collection}?${query}`))[collection] as { id: string }[])[0];
  const inDomain = (name: string) => `name=${name}&domain_id=${domain_id}`;
  const project =
    (await find('projects', inDomain(demo.project))) ??
    (await client.post('identity', '/projects', { project: { name: demo.project, domain_id } })).project;
  const user =
    (await find('users', inDomain(demo.user))) ??
    (
      await client.post('identity', '/users', {
        user: { name: demo.user, domain_id, password: demoPassword, default_project_id: project.id },
      })
    ).user;
  const member = await find('roles', 'name=member');
  const admin = await find('users', inDomain('admin'));
  const adminRole = await find('roles', 'name=admin');
  const grants = [
    [user.id, member!.id],
    [admin!.id, adminRole!.id],
  ];
  for (const [userId, roleId] of grants)
    await client.send('PUT', 'identity', `/projects/${project.id}/users/${userId}/roles/${roleId}`);
  return `${demo.project}, with user ${demo.user}`;
}
