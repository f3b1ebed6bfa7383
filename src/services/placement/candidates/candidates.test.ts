import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { sqliteDatabases } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

interface Shown {
  allocations: Record<string, { resources: Record<string, number> }>;
  mappings: Record<string, string[]>;
}

/** Candidates in short: `host: VCPU 1 + disk: DISK_GB 5`, sorted. */
class Shortener {
  readonly names = new Map<string, string>();

  allocations = (shown: Shown): string =>
    Object.entries(shown.allocations)
      .flatMap(([uuid, { resources }]) =>
        Object.entries(resources).map(([rc, n]) => `${this.names.get(uuid)}: ${rc} ${n}`),
      )
      .sort()
      .join(' + ');

  mappings = (shown: Shown): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(shown.mappings).map(([suffix, uuids]) => [
        suffix,
        uuids.map((uuid) => this.names.get(uuid)!).sort(),
      ]),
    );
}

describe('allocation candidates', () => {
  const databases = sqliteDatabases();
  let placement: PlacementClient;
  let short: Shortener;

  const open = async () => {
    placement = await PlacementClient.open(await databases.open());
    short = new Shortener();
  };
  const add = async (name: string, facts: Parameters<PlacementClient['provider']>[1] = {}) => {
    const uuid = await placement.provider(name, facts);
    short.names.set(uuid, name);
    return uuid;
  };
  const ask = async (query: string, version?: string) => {
    const answer = await placement.get(`/allocation_candidates?${query}`, version);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const candidates = async (query: string, version?: string): Promise<string[]> =>
    (await ask(query, version)).allocation_requests.map(short.allocations).sort();

  describe('among hosts that share nothing', () => {
    let big: string;
    let small: string;
    const [a, b] = [newUuid(), newUuid()];
    beforeAll(async () => {
      await open();
      big = await add('big', {
        inventories: { VCPU: { total: 8, allocation_ratio: 2 }, MEMORY_MB: 4096 },
        traits: ['HW_CPU_X86_AVX2', 'CUSTOM_GOLD'],
        aggregates: [a],
      });
      small = await add('small', {
        inventories: { VCPU: { total: 4, min_unit: 2, step_size: 2 }, MEMORY_MB: 1024 },
        traits: ['HW_CPU_X86_AVX2'],
        aggregates: [a, b],
      });
      await placement.allocate({ [big]: { VCPU: 3 } });
    });
    afterAll(() => placement.close());

    test('those with room are shown with all that is known of them', async () => {
      const shown = await ask('resources=VCPU:2,MEMORY_MB:512');
      expect(shown.allocation_requests).toEqual(
        [big, small].map((uuid) => ({
          allocations: { [uuid]: { resources: { VCPU: 2, MEMORY_MB: 512 } } },
          mappings: { '': [uuid] },
        })),
      );
      expect(shown.provider_summaries[big]).toEqual({
        resources: { VCPU: { capacity: 16, used: 3 }, MEMORY_MB: { capacity: 4096, used: 0 } },
        traits: ['HW_CPU_X86_AVX2', 'CUSTOM_GOLD'],
        parent_provider_uuid: null,
        root_provider_uuid: big,
      });
    });

    test('older versions show less', async () => {
      const old = await ask('resources=VCPU:2', '1.10');
      expect(old.allocation_requests[0]).toEqual({
        allocations: [{ resource_provider: { uuid: big }, resources: { VCPU: 2 } }],
      });
      expect(old.provider_summaries[big]).toEqual({ resources: { VCPU: { capacity: 16, used: 3 } } });
      const newer = await ask('resources=VCPU:2', '1.17');
      expect(newer.allocation_requests[0]).toEqual({ allocations: { [big]: { resources: { VCPU: 2 } } } });
      expect(Object.keys(newer.provider_summaries[big])).toEqual(['resources', 'traits']);
    });

    test.each([
      ['resources=VCPU:3', ['big: VCPU 3']],
      ['resources=VCPU:14', []],
      ['resources=VCPU:2&required=CUSTOM_GOLD', ['big: VCPU 2']],
      ['resources=VCPU:2&required=!CUSTOM_GOLD', ['small: VCPU 2']],
      ['resources=VCPU:2&required=in:CUSTOM_GOLD,HW_CPU_X86_AVX2&required=!CUSTOM_GOLD', ['small: VCPU 2']],
      [`resources=VCPU:2&member_of=${a}`, ['big: VCPU 2', 'small: VCPU 2']],
      [`resources=VCPU:2&member_of=${a}&member_of=in:${newUuid()},${b}`, ['small: VCPU 2']],
      [`resources=VCPU:2&member_of=!${b}`, ['big: VCPU 2']],
      [`resources=VCPU:2&member_of=!in:${a},${b}`, []],
      ['resources=VCPU:2&root_required=CUSTOM_GOLD', ['big: VCPU 2']],
      [`resources=VCPU:2&in_tree=${newUuid()}`, []],
      ['resources=VCPU:2&limit=1', ['big: VCPU 2']],
      ['resources=VCPU:2&resources_A=VCPU:2', ['big: VCPU 4', 'small: VCPU 4']],
      ['resources=VCPU:4&resources_A=VCPU:2', ['big: VCPU 6']],
      ['resources_A=VCPU:2&resources_B=VCPU:2&group_policy=isolate', []],
    ])('%s', async (query, expected) => {
      expect(await candidates(query)).toEqual(expected);
    });

    test('a limit leaves only the summaries that matter', async () => {
      expect(Object.keys((await ask('resources=VCPU:2&limit=1')).provider_summaries)).toEqual([big]);
    });

    test.each([
      ['', '1.24', "'resources' is a required property"],
      ['', '1.25', 'At least one request group'],
      ['', 'latest', 'There must be at least one resources'],
      ['resources=VCPU:1&colour=red', '1.10', "'colour' was unexpected"],
      ['resources=VCPU:1&limit=0', 'latest', "'0' does not match '^[1-9][0-9]*$'"],
      ['resources=VCPU:1&limit=5', '1.15', "'limit' was unexpected"],
      ['resources=VCPU:1&required=CUSTOM_X', '1.16', "'required' was unexpected"],
      ['resources_A=VCPU:1', '1.32', "'resources_A' does not match any of the regexes"],
      ['resources1=VCPU:1&resources2=VCPU:1', 'latest', 'The "group_policy" parameter is required'],
      ['resources1=VCPU:1&group_policy=some', 'latest', "'some' is not one of ['none', 'isolate']"],
      ['resources=VCPU:1&required1=CUSTOM_GOLD', '1.35', 'orphaned traits keys: required1'],
      [`resources=VCPU:1&member_of1=${newUuid()}`, '1.35', 'orphaned member_of keys: member_of1'],
      [`resources=VCPU:1&in_tree1=${newUuid()}`, '1.35', 'All request groups must specify resources.'],
      ['resources=VCPU:1&required1=CUSTOM_GOLD', 'latest', 'should be specified in `same_subtree`'],
      ['resources1=VCPU:1&same_subtree=2', 'latest', 'Real suffixes should be specified'],
      ['resources1=VCPU:1&same_subtree=1,', 'latest', 'Empty string (unsuffixed group)'],
      ['resources=VCPU:1&required=CUSTOM_GOLD,!CUSTOM_GOLD', 'latest', 'Conflicting required and forbidden'],
      ['resources=VCPU:1&root_required=CUSTOM_GOLD&root_required=X', 'latest', 'may be specified only once'],
      ['resources=VCPU:1&root_required=CUSTOM_GOLD,!CUSTOM_GOLD', 'latest', 'found in root_required'],
      ['resources=VCPU:1&in_tree=x', 'latest', "Expected 'in_tree' parameter to be a format of uuid"],
      ['resources=COWS:1', 'latest', 'Invalid resource class in resources parameter'],
      ['resources=VCPU:1&required=COWS', 'latest', 'No such trait(s): COWS.'],
      ['resources=VCPU:1&root_required=COWS', 'latest', 'No such trait(s): COWS.'],
    ])('%s in %s is refused', async (query, version, words) => {
      const answer = await placement.get(`/allocation_candidates?${query}`, version);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].detail).toContain(words);
    });
  });

  describe('among trees, with a disk that is shared', () => {
    let host: string;
    const aggregate = newUuid();
    beforeAll(async () => {
      await open();
      host = await add('host', {
        inventories: { MEMORY_MB: 4096 },
        aggregates: [aggregate],
        traits: ['CUSTOM_ROOT'],
      });
      for (const n of [0, 1]) {
        const numa = await add(`numa${n}`, {
          parent: host,
          inventories: { VCPU: 4 },
          traits: ['HW_NUMA_ROOT', ...(n === 1 ? ['CUSTOM_FAST'] : [])],
        });
        await add(`nic${n}`, { parent: numa, inventories: { SRIOV_NET_VF: 2 } });
      }
      await add('local', {
        inventories: { VCPU: 4, MEMORY_MB: 4096, DISK_GB: 100 },
        aggregates: [aggregate],
      });
      await add('disk', {
        inventories: { DISK_GB: 1000 },
        traits: ['MISC_SHARES_VIA_AGGREGATE', 'STORAGE_DISK_SSD'],
        aggregates: [aggregate],
      });
    });
    afterAll(() => placement.close());

    test('providers of a tree serve together, with those that share', async () => {
      expect(await candidates('resources=VCPU:1,MEMORY_MB:64,DISK_GB:10')).toEqual([
        'disk: DISK_GB 10 + host: MEMORY_MB 64 + numa0: VCPU 1',
        'disk: DISK_GB 10 + host: MEMORY_MB 64 + numa1: VCPU 1',
        'disk: DISK_GB 10 + local: MEMORY_MB 64 + local: VCPU 1',
        'local: DISK_GB 10 + local: MEMORY_MB 64 + local: VCPU 1',
      ]);
    });

    test('before 1.29 a tree gave from one provider at most', async () => {
      expect(await candidates('resources=VCPU:1,MEMORY_MB:64,DISK_GB:10', '1.28')).toEqual([
        'disk: DISK_GB 10 + local: MEMORY_MB 64 + local: VCPU 1',
        'local: DISK_GB 10 + local: MEMORY_MB 64 + local: VCPU 1',
      ]);
      const shown = await ask('resources=VCPU:1', '1.28');
      expect(Object.keys(shown.provider_summaries).map((uuid) => short.names.get(uuid))).toEqual([
        'numa0',
        'numa1',
        'local',
      ]);
    });

    test('summaries show whole trees', async () => {
      const shown = await ask('resources=SRIOV_NET_VF:1');
      expect(Object.keys(shown.provider_summaries).map((uuid) => short.names.get(uuid))).toEqual([
        'host',
        'numa0',
        'nic0',
        'numa1',
        'nic1',
      ]);
    });

    test('together they have the traits, and nobody a forbidden one', async () => {
      expect(await candidates('resources=VCPU:1,DISK_GB:10&required=CUSTOM_FAST,STORAGE_DISK_SSD')).toEqual([
        'disk: DISK_GB 10 + numa1: VCPU 1',
      ]);
      expect(await candidates('resources=VCPU:1,DISK_GB:10&required=!STORAGE_DISK_SSD')).toEqual([
        'local: DISK_GB 10 + local: VCPU 1',
      ]);
    });

    test('an aggregate on the root spans the tree', async () => {
      const all = ['local: VCPU 1', 'numa0: VCPU 1', 'numa1: VCPU 1'];
      expect(await candidates(`resources=VCPU:1&member_of=${aggregate}`)).toEqual(all);
      expect(await candidates(`resources=VCPU:1&member_of=!${aggregate}`)).toEqual([]);
      // a group with a suffix looks at the provider alone
      expect(await candidates(`resources_A=VCPU:1&member_of_A=${aggregate}`)).toEqual(['local: VCPU 1']);
    });

    test('a tree asked for shares nothing from outside', async () => {
      const query = `resources=VCPU:1,DISK_GB:1&in_tree=${host}`;
      expect(await candidates(query)).toEqual([]);
      expect(await candidates(`resources=VCPU:1&in_tree=${host}`)).toEqual([
        'numa0: VCPU 1',
        'numa1: VCPU 1',
      ]);
    });

    test('the root may have to have traits', async () => {
      expect(await candidates('resources=VCPU:1&root_required=!CUSTOM_ROOT')).toEqual(['local: VCPU 1']);
      expect(await candidates('resources=VCPU:1&root_required=CUSTOM_FAST')).toEqual([]);
    });

    test('groups may be tied to one subtree', async () => {
      const groups = 'resources_C=VCPU:1&resources_N=SRIOV_NET_VF:1&group_policy=none';
      expect(await candidates(groups)).toHaveLength(4);
      expect(await candidates(`${groups}&same_subtree=_C,_N`)).toEqual([
        'nic0: SRIOV_NET_VF 1 + numa0: VCPU 1',
        'nic1: SRIOV_NET_VF 1 + numa1: VCPU 1',
      ]);
      const rooted = await ask(
        'resources_A=SRIOV_NET_VF:1&resources_B=SRIOV_NET_VF:1&required_R=HW_NUMA_ROOT&group_policy=none&same_subtree=_A,_B,_R',
      );
      expect(rooted.allocation_requests.map(short.mappings)).toEqual([
        { _A: ['nic0'], _B: ['nic0'], _R: ['numa0'] },
        { _A: ['nic1'], _B: ['nic1'], _R: ['numa1'] },
      ]);
    });

    test('groups may have to be served apart', async () => {
      const groups = 'resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1';
      expect(await candidates(`${groups}&group_policy=none`)).toEqual([
        'nic0: SRIOV_NET_VF 1 + nic1: SRIOV_NET_VF 1',
        'nic0: SRIOV_NET_VF 1 + nic1: SRIOV_NET_VF 1',
        'nic0: SRIOV_NET_VF 2',
        'nic1: SRIOV_NET_VF 2',
      ]);
      expect(await candidates(`${groups}&group_policy=isolate`)).toHaveLength(2);
      // what several groups take of one provider must fit together
      expect(await candidates('resources1=VCPU:3&resources2=VCPU:3&group_policy=none')).toEqual([
        'numa0: VCPU 3 + numa1: VCPU 3',
        'numa0: VCPU 3 + numa1: VCPU 3',
      ]);
    });
  });

  describe('options', () => {
    beforeAll(async () => {
      await open();
      for (const n of [0, 1]) {
        const root = await add(`root${n}`);
        for (const m of [0, 1]) await add(`child${n}${m}`, { parent: root, inventories: { VCPU: 4 } });
      }
    });
    afterAll(() => placement.close());

    const withOptions = async (options: object) => {
      const before = { ...placement.service.options };
      Object.assign(placement.service.options, options);
      try {
        const shown = await ask('resources=VCPU:1');
        return (shown.allocation_requests as Shown[]).map(short.allocations);
      } finally {
        Object.assign(placement.service.options, before);
      }
    };

    test('candidates come tree by tree, or from each tree in turn', async () => {
      const of = (...children: string[]) => children.map((c) => `child${c}: VCPU 1`);
      expect(await withOptions({})).toEqual(of('00', '01', '10', '11'));
      expect(await withOptions({ allocation_candidates_generation_strategy: 'breadth-first' })).toEqual(
        of('00', '10', '01', '11'),
      );
      expect(await withOptions({ max_allocation_candidates: 2 })).toEqual(of('00', '01'));
      const shuffled = await withOptions({ randomize_allocation_candidates: true });
      expect(shuffled.sort()).toEqual(of('00', '01', '10', '11'));
    });
  });
});
