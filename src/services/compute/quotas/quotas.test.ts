import { afterEach, beforeEach, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

const lasting = {
  instances: 10,
  cores: 20,
  ram: 51_200,
  metadata_items: 128,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
};
const injection = {
  injected_files: 5,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
};
const network = { fixed_ips: -1, floating_ips: -1, security_groups: -1, security_group_rules: -1 };

describeEachEngine('quotas', (databases) => {
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeEach(async () => {
    cloud = await startCompute(await databases.open());
    client = cloud.client;
  });
  afterEach(() => cloud.close());

  const path = '/os-quota-sets/project-a';
  const show = async (version = '2.57', more = '') =>
    (await client.get(`${path}${more}`, asVersion(version))).body.quota_set;
  const set = (quota_set: object, version = '2.57', more = '') =>
    client.put(`${path}${more}`, { quota_set }, asVersion(version));

  test('the resources shown are those of the version', async () => {
    const id = 'project-a';
    expect(await show('2.35')).toEqual({ id, ...lasting, ...injection, ...network });
    expect(await show('2.36')).toEqual({ id, ...lasting, ...injection });
    expect(await show('2.57')).toEqual({ id, ...lasting });
    expect(await show('2.57', '/defaults')).toEqual({ id, ...lasting });
    expect((await client.get('/os-quota-sets/nowhere')).body.badRequest.message).toBe(
      'Project ID nowhere is not a valid project.',
    );
    expect((await client.get(`${path}?colour=red`, asVersion('2.75'))).status).toBe(400);
  });

  test('limits are set, and reverted', async () => {
    const updated = await set({ cores: '40', ram: -1 });
    expect(updated.body.quota_set).toEqual({ ...lasting, cores: 40, ram: -1 });
    expect(await show()).toEqual({ id: 'project-a', ...lasting, cores: 40, ram: -1 });
    expect(await show('2.57', '/defaults')).toEqual({ id: 'project-a', ...lasting });
    expect((await set({ fixed_ips: 1 }, '2.36')).status).toBe(400);
    expect((await set({ fixed_ips: 1 }, '2.35')).body.quota_set.fixed_ips).toBe(1);
    expect((await set({ cores: -2 })).status).toBe(400);
    expect((await set({ cores: 'many' })).status).toBe(400);
    expect((await set({ beauty: 1 })).status).toBe(400);
    expect((await client.delete(path)).status).toBe(202);
    expect(await show()).toEqual({ id: 'project-a', ...lasting });
    expect(await cloud.compute.quotas.limitsOf('project-a')).toMatchObject({ cores: 20, fixed_ips: -1 });
  });

  test('a limit below what is used needs force', async () => {
    await putServers(cloud.compute, {}, { userId: 'other' }, { deletedAt: 1 });
    expect((await set({ instances: 1 })).body.badRequest.message).toBe(
      'Quota limit 1 for instances must be greater than or equal to already used and reserved 2.',
    );
    expect((await set({ instances: 1, force: true })).body.quota_set.instances).toBe(1);
    const detail = await show('2.57', '/detail');
    expect(detail).toMatchObject({
      instances: { limit: 1, in_use: 2, reserved: 0 },
      cores: { limit: 20, in_use: 2, reserved: 0 },
      ram: { limit: 51_200, in_use: 1024, reserved: 0 },
      key_pairs: { limit: 100, in_use: 0, reserved: 0 },
    });
    expect((await show('2.57', '/detail?user_id=other')).instances).toEqual({
      limit: 1,
      in_use: 1,
      reserved: 0,
    });
  });

  test('a user has limits of their own, out of what the project has', async () => {
    expect((await set({ cores: 15 }, '2.57', '?user_id=u1')).body.quota_set.cores).toBe(15);
    expect((await show()).cores).toBe(20);
    expect((await show('2.57', '?user_id=u1')).cores).toBe(15);
    expect((await show('2.57', '?user_id=u2')).cores).toBe(20);
    expect((await set({ cores: 6 }, '2.57', '?user_id=u2')).body.badRequest.message).toBe(
      'Quota limit 6 for cores must be less than or equal to 5.',
    );
    expect((await set({ cores: 20 }, '2.57', '?user_id=u1')).status).toBe(200);
    expect((await set({ cores: 19 })).body.badRequest.message).toBe(
      'Quota limit 19 for cores must be greater than or equal to already used and reserved 20.',
    );
    expect(await cloud.compute.quotas.limitsOf('project-a', 'u1')).toMatchObject({ cores: 20 });
    await client.delete(`${path}?user_id=u1`);
    expect((await set({ cores: 5 })).status).toBe(200);
    expect((await show('2.57', '?user_id=u1')).cores).toBe(5);
  });

  test('the class default holds for whoever has no limits of their own', async () => {
    const classes = '/os-quota-class-sets/default';
    const shown = async (version: string) =>
      (await client.get(classes, asVersion(version))).body.quota_class_set;
    const { server_groups: _, server_group_members: __, ...old } = lasting;
    expect(await shown('2.49')).toEqual({ id: 'default', ...old, ...injection, ...network });
    expect(await shown('2.50')).toEqual({ id: 'default', ...lasting, ...injection });
    expect(await shown('2.57')).toEqual({ id: 'default', ...lasting });
    const updated = await client.put(classes, { quota_class_set: { cores: '7' } }, asVersion('2.57'));
    expect(updated.body.quota_class_set).toEqual({ ...lasting, cores: 7 });
    expect((await show()).cores).toBe(7);
    expect((await client.put(classes, { quota_class_set: { fixed_ips: 7 } }, asVersion('2.50'))).status).toBe(
      400,
    );
    expect(
      (await client.put(`/os-quota-class-sets/${'x'.repeat(256)}`, { quota_class_set: {} })).status,
    ).toBe(400);
    await client.put('/os-quota-class-sets/gold', { quota_class_set: { cores: 99 } });
    expect((await show()).cores).toBe(7);
  });

  test('limits are shown with what is used of them', async () => {
    await putServers(cloud.compute, {});
    const absolute = async (version: string) =>
      (await client.get('/limits', { as: 'reader', ...asVersion(version) })).body.limits;
    const kept = {
      maxTotalInstances: 10,
      maxTotalCores: 20,
      maxTotalRAMSize: 51_200,
      maxTotalKeypairs: 100,
      maxServerMeta: 128,
      maxServerGroups: 10,
      maxServerGroupMembers: 10,
      totalInstancesUsed: 1,
      totalCoresUsed: 1,
      totalRAMUsed: 512,
      totalServerGroupsUsed: 0,
    };
    const files = { maxPersonality: 5, maxPersonalitySize: 10_240 };
    const networks = {
      maxTotalFloatingIps: -1,
      maxSecurityGroups: -1,
      maxSecurityGroupRules: -1,
      totalFloatingIpsUsed: 0,
      totalSecurityGroupsUsed: 0,
    };
    expect(await absolute('2.35')).toEqual({
      rate: [],
      absolute: { ...kept, ...files, ...networks, maxImageMeta: 128 },
    });
    expect((await absolute('2.38')).absolute).toEqual({ ...kept, ...files, maxImageMeta: 128 });
    expect((await absolute('2.39')).absolute).toEqual({ ...kept, ...files });
    expect((await absolute('2.57')).absolute).toEqual(kept);
    const other = '/limits?tenant_id=project-a';
    expect((await client.get(other)).body.limits.absolute.totalInstancesUsed).toBe(1);
    expect((await client.get(other, { as: 'stranger' })).status).toBe(403);
  });

  test('reading is for the project, changing for administrators', async () => {
    for (const more of ['', '/detail']) {
      expect((await client.get(`${path}${more}`, { as: 'reader' })).status).toBe(200);
      expect((await client.get(`${path}${more}`, { as: 'stranger' })).status).toBe(403);
    }
    expect((await client.get(`${path}/defaults`, { as: 'stranger' })).status).toBe(200);
    expect((await client.put(path, { quota_set: {} }, { as: 'manager' })).status).toBe(403);
    expect((await client.delete(path, { as: 'manager' })).status).toBe(403);
    expect((await client.get('/os-quota-class-sets/default', { as: 'manager' })).status).toBe(403);
  });
});
