import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { allocationBody, PlacementClient } from '#test/support/placement.ts';

describeEachEngine('usages', (databases) => {
  let placement: PlacementClient;
  let provider: string;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
    provider = await placement.provider('p', { inventories: { VCPU: 20, DISK_GB: 100, VGPU: 1 } });
    const hold = (resources: object, project: string, user: string, type: string | null) =>
      placement.put(
        `/allocations/${newUuid()}`,
        type === null
          ? {
              allocations: { [provider]: { resources } },
              project_id: project,
              user_id: user,
              consumer_generation: null,
            }
          : {
              ...allocationBody({ [provider]: resources as Record<string, number> }),
              project_id: project,
              user_id: user,
              consumer_type: type,
            },
        type === null ? '1.37' : '1.38',
      );
    await hold({ VCPU: 2, DISK_GB: 10 }, 'project-a', 'ann', 'INSTANCE');
    await hold({ VCPU: 3 }, 'project-a', 'bob', 'INSTANCE');
    await hold({ DISK_GB: 5 }, 'project-a', 'ann', 'MIGRATION');
    await hold({ VCPU: 1 }, 'project-a', 'ann', null);
    await hold({ VCPU: 7 }, 'project-b', 'ann', 'INSTANCE');
  });
  afterAll(() => placement.close());

  const usages = async (query: string, version?: string) =>
    (await placement.get(`/usages?${query}`, version)).body.usages;

  test('of a provider, for every class it has', async () => {
    expect((await placement.get(`/resource_providers/${provider}/usages`)).body).toEqual({
      resource_provider_generation: await placement.generation(provider),
      usages: { VCPU: 13, DISK_GB: 15, VGPU: 0 },
    });
    expect((await placement.get(`/resource_providers/${newUuid()}/usages`)).status).toBe(404);
  });

  test('of a project and a user', async () => {
    expect(await usages('project_id=project-a', '1.9')).toEqual({ VCPU: 6, DISK_GB: 15 });
    expect(await usages('project_id=project-a&user_id=bob', '1.37')).toEqual({ VCPU: 3 });
    expect(await usages('project_id=nobody', '1.37')).toEqual({});
    expect((await placement.get('/usages?project_id=project-a', '1.8')).status).toBe(404);
  });

  test('from 1.38 on by consumer type', async () => {
    expect(await usages('project_id=project-a')).toEqual({
      INSTANCE: { VCPU: 5, DISK_GB: 10, consumer_count: 2 },
      MIGRATION: { DISK_GB: 5, consumer_count: 1 },
      unknown: { VCPU: 1, consumer_count: 1 },
    });
    expect(await usages('project_id=project-a&consumer_type=INSTANCE&user_id=bob')).toEqual({
      INSTANCE: { VCPU: 3, consumer_count: 1 },
    });
    expect(await usages('project_id=project-a&consumer_type=unknown')).toEqual({
      unknown: { VCPU: 1, consumer_count: 1 },
    });
    expect(await usages('project_id=project-a&consumer_type=all')).toEqual({
      all: { VCPU: 6, DISK_GB: 15, consumer_count: 4 },
    });
    expect(await usages('project_id=nobody&consumer_type=all')).toEqual({});
    expect((await placement.get('/usages?project_id=a&consumer_type=instance')).status).toBe(400);
    expect((await placement.get('/usages')).status).toBe(400);
  });

  test('readers see those of their own project', async () => {
    const as = async (project: string) =>
      (await placement.send('GET', `/usages?project_id=${project}`, undefined, 'latest', 'reader')).status;
    expect(await as('project-a')).toBe(200);
    expect(await as('project-b')).toBe(403);
  });
});
