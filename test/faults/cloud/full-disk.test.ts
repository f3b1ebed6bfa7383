import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type ApiError, CloudClient, type Json } from '#cli/cloud/client.ts';
import { publicUrl } from '#contracts/machine.ts';
import { type ChildState, readState } from '#kit/process/supervisor.ts';
import { parseConfig } from '#main/config.ts';
import { RealCloud, run, until } from '#test/e2e/cloud.ts';
import { SmallDisk } from '#test/support/small-disk.ts';

// What becomes of a real cloud when a disk it writes to is full: everybody is told why, nothing is lost, and all goes on
// when there is room again. Runs as root in a network namespace of its own.

const authUrl = `${publicUrl(parseConfig(''), 'identity')}/v3`;

beforeAll(() => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
});

/** As small as a disk may be that the demo's flavors fit on, when more is promised than there is. */
const megabytes = 1100;
const smallCloud = (parent?: string): RealCloud => {
  const cloud = new RealCloud(parent);
  writeFileSync(join(cloud.layout.data, 'stratalith.toml'), '[compute]\ndisk_allocation_ratio = 10\n');
  return cloud;
};

const microversion = { 'openstack-api-version': 'compute 2.96' };

const logIn = ({ layout }: RealCloud): Promise<CloudClient> => {
  const password = readFileSync(layout.adminPassword, 'utf8').trim();
  return CloudClient.login({ authUrl, user: 'admin', password, project: 'admin' });
};
const refusal = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: ApiError) => error,
  );
const image = (name: string) => ({ name, disk_format: 'raw', container_format: 'bare' });

/** Makes a server and waits for what becomes of it. */
const makeServer = async (client: CloudClient, name: string): Promise<Json> =>
  settled(client, await beginServer(client, name));

/** Asks for a server; its id. */
async function beginServer(client: CloudClient, name: string): Promise<string> {
  const [found, flavor, network] = [
    (await client.get('image', '/v2/images?name=tiny')).images[0],
    (await client.get('compute', '/flavors')).flavors.find((f: Json) => f.name === 'm1.tiny'),
    (await client.get('network', '/v2.0/networks?name=private')).networks[0],
  ];
  const server = { name, imageRef: found.id, flavorRef: flavor.id, networks: [{ uuid: network.id }] };
  const made = await client.post('compute', '/servers', { server });
  return made.server.id;
}

/** A server once nothing is being done to it any more. */
const settled = (client: CloudClient, id: string): Promise<Json> =>
  until(`server ${id} settles`, 120, async () => {
    const { server } = await client.get('compute', `/servers/${id}`);
    return server['OS-EXT-STS:task_state'] === null && server.status !== 'BUILD' && server;
  });

/** Deletes every server there is. (The ordinary client gives up waiting at one in ERROR.) */
async function deleteServers(client: CloudClient): Promise<void> {
  const list = async (): Promise<Json[]> => (await client.get('compute', '/servers')).servers;
  for (const { id } of await list()) await client.send('DELETE', 'compute', `/servers/${id}`);
  await until('servers are gone', 120, async () => (await list()).length === 0);
}

const act = (client: CloudClient, id: string, action: string, args: unknown = null): Promise<Json> =>
  client.post('compute', `/servers/${id}/action`, { [action]: args });

/** The message of the newest action of a server's history. */
const lastMessage = async (client: CloudClient, id: string): Promise<string | null> =>
  (await client.get('compute', `/servers/${id}/os-instance-actions`)).instanceActions[0].message;

/** Kills a process the supervisor looks after. */
function killChild({ layout }: RealCloud, name: string): void {
  const { id } = readState(layout.processes).find((child) => child.name === name)!;
  process.kill(id!.pid, 'SIGKILL');
}

/** Whether control answers and sees the hypervisor. */
async function isUp(cloud: RealCloud): Promise<boolean> {
  try {
    const client = await logIn(cloud);
    const { services } = await client.get('compute', '/os-services?binary=nova-compute');
    return services.every(({ state }: Json) => state === 'up');
  } catch {
    return false;
  }
}

const audit = async (cloud: RealCloud): Promise<string> => {
  const { code, stdout } = await cloud.stratalith('audit');
  return `${code} ${stdout}`;
};
const clean = '0 Everything has an owner.\n';

describe('the disk of the whole cloud is full', () => {
  const disk = new SmallDisk(mkdtempSync(join(tmpdir(), 'disk-')), megabytes);
  const cloud = smallCloud(disk.path);
  const scratch = mkdtempSync(join(tmpdir(), 'stratalith-e2e-key-'));
  const key = join(scratch, 'key');
  let client: CloudClient;
  let server: Json;
  let address = '';
  let waiting = '';
  afterAll(async () => {
    disk.free();
    await cloud.remove();
    disk.unmount();
    rmdirSync(disk.path);
    rmSync(scratch, { recursive: true });
  }, 120_000);

  const ssh = async (command: string): Promise<string> => {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ConnectTimeout=5',
      'BatchMode=yes',
    ];
    const args = [...options.flatMap((option) => ['-o', option]), '-i', key, `cirros@${address}`, command];
    return until(`ssh ${command}`, 120, async () => {
      const { code, stdout } = await run('ssh', args);
      return code !== 255 && stdout;
    });
  };

  test('a guest runs, an image waits for its data', async () => {
    await cloud.up();
    client = await logIn(cloud);
    writeFileSync(key, await cloud.client('keypair', 'create', 'key'), { mode: 0o600 });
    for (const rule of [['icmp'], ['tcp', '--dst-port', '22']])
      await cloud.openstack('security', 'group', 'rule', 'create', 'default', '--protocol', ...rule);
    const made = ['--image', 'tiny', '--flavor', 'm1.tiny', '--network', 'private', '--key-name', 'key'];
    await cloud.client('server', 'create', '--wait', ...made, 'one');
    server = await cloud.openstack('server', 'show', 'one');
    expect(server).toMatchObject({ status: 'ACTIVE' });
    const floating = await cloud.openstack('floating', 'ip', 'create', 'public');
    address = floating.floating_ip_address;
    await cloud.client('server', 'add', 'floating', 'ip', 'one', address);
    expect((await ssh('hostname')).trim()).toBe('one');
    waiting = (await client.post('image', '/v2/images', image('waiting'))).id;
  });

  test('everybody is told so', async () => {
    disk.fill();
    const upload = client.send('PUT', 'image', `/v2/images/${waiting}/file`, new Uint8Array(8 << 20));
    expect(await refusal(upload)).toMatchObject({
      status: expect.toBeOneOf([413, 503]),
      message: expect.stringMatching(/disk|storage/i),
    });
    // some pages may still be free inside the files: sooner or later a write finds none
    const many = async (make: (name: string) => Promise<unknown>) => {
      for (let i = 0; i < 500; i++) await make(`meanwhile-${i}`);
    };
    const makers: ((name: string) => Promise<unknown>)[] = [
      (name) => client.post('image', '/v2/images', image(name)),
      (name) => client.post('network', '/v2.0/networks', { network: { name } }),
      (key) => client.post('compute', `/servers/${server.id}/metadata`, { metadata: { [key]: '' } }),
    ];
    for (const make of makers) {
      const { status, message } = await refusal(many(make));
      expect(`${status} ${message}`).toMatch(/^503 .*disk/);
    }
  });

  test('what there is can be seen, and the guest is still there', async () => {
    expect((await client.get('compute', '/servers')).servers).toHaveLength(1);
    expect((await client.get('image', `/v2/images/${waiting}`)).status).toBe('queued');
    expect((await run('ping', ['-c', '1', '-W', '5', address])).code).toBe(0);
    await logIn(cloud);
  });

  let writing: Promise<string>;
  const stateOfGuest = async (): Promise<string> =>
    (await client.send('GET', 'compute', `/servers/${server.id}/diagnostics`, undefined, microversion)).state;

  test('a guest that writes waits for room', async () => {
    writing = ssh('dd if=/dev/zero of=big bs=1M count=60 && sync && echo written');
    writing.catch(() => {});
    await until('the guest waits', 120, async () => (await stateOfGuest()) === 'paused');
  });

  test('a cloud is not brought up on a full disk; what is killed comes back with the room', async () => {
    for (const name of ['agent', 'control']) killChild(cloud, name);
    const { code, stderr } = await cloud.stratalith('up', '--yes');
    expect(`${code} ${stderr}`).toMatch(/^1 .*disk is full/);
    disk.free();
    await until('the cloud is back', 120, () => isUp(cloud));
    await cloud.up();
  });

  test('the guest goes on where it was', async () => {
    await until('the guest runs', 120, async () => (await stateOfGuest()) === 'running');
    expect(await writing).toContain('written');
    expect(await settled(client, server.id)).toMatchObject({ status: 'ACTIVE' });
  });

  test('whatever is under way when the disk becomes full ends', async () => {
    const doomed = await makeServer(client, 'doomed');
    expect(doomed).toMatchObject({ status: 'ACTIVE' });
    await act(client, server.id, 'createImage', { name: 'snapshot' });
    await client.send('DELETE', 'compute', `/servers/${doomed.id}`);
    const begun = await beginServer(client, 'begun');
    disk.fill();
    // reads are answered all the while
    for (let i = 0; i < 10; i++) await client.get('compute', '/servers/detail');
    disk.free();
    expect(await settled(client, server.id)).toMatchObject({ status: 'ACTIVE' });
    const built = await settled(client, begun);
    if (built.status === 'ERROR') expect(built.fault.details).toMatch(/no (room|space)|full/);
    else expect(built.status).toBe('ACTIVE');
    await until('the deleted server is gone', 120, async () =>
      (await client.get('compute', '/servers')).servers.every(({ id }: Json) => id !== doomed.id),
    );
    const { images } = await client.get('image', '/v2/images?name=snapshot');
    const succeeded = (await lastMessage(client, server.id)) === null;
    expect(images.map(({ status }: Json) => status)).toEqual(succeeded ? ['active'] : []);
  });

  test('with room again all of it works', async () => {
    await client.send('PUT', 'image', `/v2/images/${waiting}/file`, new Uint8Array(8 << 20));
    expect(await client.get('image', `/v2/images/${waiting}`)).toMatchObject({
      status: 'active',
      size: 8 << 20,
    });
    expect(await makeServer(client, 'another')).toMatchObject({ status: 'ACTIVE' });
    expect((await ssh('hostname')).trim()).toBe('one');
    await deleteServers(client);
    expect(await audit(cloud)).toBe(clean);
  });
});

describe('the disk of the guests is full', () => {
  const cloud = smallCloud();
  const disk = new SmallDisk(cloud.layout.agent, megabytes, '711');
  let client: CloudClient;
  let server: Json;
  afterAll(async () => {
    disk.free();
    await cloud.remove().catch(() => {});
    disk.unmount();
    rmSync(cloud.layout.data, { recursive: true, force: true });
  }, 120_000);

  test('a guest runs', async () => {
    await cloud.up();
    client = await logIn(cloud);
    server = await makeServer(client, 'one');
    expect(server).toMatchObject({ status: 'ACTIVE' });
    expect(await makeServer(client, 'spare')).toMatchObject({ status: 'ACTIVE' });
  });

  test('what needs room there fails and says why; the guest stays as it was', async () => {
    disk.fill();
    const refused = await makeServer(client, 'refused');
    expect(refused.status).toBe('ERROR');
    expect(refused.fault.details).toMatch(/no (room|space)/);
    for (const [action, args] of [
      ['suspend', null],
      ['createImage', { name: 'snapshot' }],
    ] as const) {
      await act(client, server.id, action, args);
      expect([action, await settled(client, server.id)]).toMatchObject([action, { status: 'ACTIVE' }]);
      expect(await lastMessage(client, server.id)).toBe('Error');
    }
    const { images } = await client.get('image', '/v2/images');
    expect(images.map(({ name }: Json) => name)).toEqual(['tiny']);
  });

  test('an agent that is started anew there knows its guests, and does what needs no room', async () => {
    const before = readState(cloud.layout.processes).find(({ name }) => name === 'agent')!.id!.pid;
    killChild(cloud, 'agent');
    const isAnother = ({ name, id, state }: ChildState) =>
      name === 'agent' && state === 'running' && id?.pid !== before;
    await until('the agent is back', 120, async () => readState(cloud.layout.processes).some(isAnother));
    await until('control knows', 120, () => isUp(cloud));
    for (const [action, status] of [
      ['pause', 'PAUSED'],
      ['unpause', 'ACTIVE'],
    ] as const) {
      await act(client, server.id, action);
      expect(await settled(client, server.id)).toMatchObject({ status });
    }
    const { servers } = await client.get('compute', '/servers?name=spare');
    await client.send('DELETE', 'compute', `/servers/${servers[0].id}`);
    await until('the spare server is gone', 120, async () =>
      (await client.get('compute', '/servers')).servers.every(({ id }: Json) => id !== servers[0].id),
    );
  });

  test('with room again it all works, and nothing of the failures is left', async () => {
    disk.free();
    await act(client, server.id, 'suspend');
    expect(await settled(client, server.id)).toMatchObject({ status: 'SUSPENDED' });
    await act(client, server.id, 'resume');
    expect(await settled(client, server.id)).toMatchObject({ status: 'ACTIVE' });
    expect(await makeServer(client, 'two')).toMatchObject({ status: 'ACTIVE' });
    await deleteServers(client);
    expect(await audit(cloud)).toBe(clean);
    expect(readdirSync(join(cloud.layout.agent, 'guests'))).toEqual([]);
    expect(readdirSync(join(cloud.layout.agent, 'specs'))).toEqual([]);
  });
});
