import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CloudClient } from '#cli/cloud/client.ts';
import { type Layout, publicUrl } from '#contracts/machine.ts';
import { OvnHost } from '#drivers/net/ovn/host.ts';
import { metadataDevice } from '#drivers/net/ovn/metadata-namespace.ts';
import { metadataOwner, owned } from '#drivers/net/ovn/names.ts';
import { tapName } from '#drivers/net/ovn/taps.ts';
import { VswitchPorts } from '#drivers/net/ovn/vswitch-ports.ts';
import { silentLog } from '#kit/log/log.ts';
import { isAlive, type ProcessId, processId } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { parseConfig } from '#main/config.ts';
import { readEngine } from '#main/engine-addresses.ts';
import { type RealCloud, until } from '#test/e2e/cloud.ts';

/** Plants in a real cloud one of each thing that may be left without an owner. */
export class Planter {
  readonly #cloud: RealCloud;
  readonly #admin: CloudClient;
  /** Id of a server that runs. */
  readonly #server: string;
  /** The QEMU that nobody remembers, once it is planted. */
  stray: ProcessId | undefined;

  private constructor(cloud: RealCloud, admin: CloudClient, server: string) {
    this.#cloud = cloud;
    this.#admin = admin;
    this.#server = server;
  }

  /** Starts the cloud, with a server called `one` in it. */
  static async settle(cloud: RealCloud): Promise<Planter> {
    await cloud.up();
    const authUrl = `${publicUrl(parseConfig(''), 'identity')}/v3`;
    const password = readFileSync(cloud.layout.adminPassword, 'utf8').trim();
    const admin = await CloudClient.login({ authUrl, user: 'admin', password, project: 'admin' });
    const made = ['--image', 'tiny', '--flavor', 'm1.tiny', '--network', 'private'];
    await cloud.client('server', 'create', '--wait', ...made, 'one');
    return new Planter(cloud, admin, (await cloud.openstack('server', 'show', 'one')).id);
  }

  /** What the audit finds. Throws when its last line or its exit code says something else. */
  async audit(): Promise<string[]> {
    const { code, stdout, stderr } = await this.#cloud.stratalith('audit');
    const lines = stdout.trimEnd().split('\n');
    const count = lines.length - 1;
    const end = count === 0 ? 'Everything has an owner.' : `${count} without an owner.`;
    if (lines.at(-1) !== end || code !== Math.sign(count))
      throw new Error(`audit ended with ${code}: ${stdout}${stderr}`);
    return lines.slice(0, -1);
  }

  /** Plants them and answers the audit's line about each. */
  async all(): Promise<string[]> {
    // first, since the agent has to be started again to see it, and tidies up then
    const spec = await this.#spec();
    return [
      spec,
      await this.#port(),
      await this.#allocation(),
      this.#northboundRow(),
      await this.#tap(),
      await this.#switchPort(),
      await this.#metadataCable(),
      this.#guestDirectory(),
      this.#qemu(),
      this.#overlay(),
    ];
  }

  get #layout(): Layout {
    return this.#cloud.layout;
  }

  get #guests(): string {
    return join(this.#layout.agent, 'guests');
  }

  async #port(): Promise<string> {
    const { networks } = await this.#admin.get('network', '/v2.0/networks?name=private');
    const device = randomUUID();
    const body = { network_id: networks[0].id, device_id: device, device_owner: 'compute:nova' };
    const made = await this.#admin.post('network', '/v2.0/ports', { port: body });
    return `port ${made.port.id} belongs to server ${device}, which does not exist`;
  }

  async #allocation(): Promise<string> {
    const { resource_providers: providers } = await this.#admin.get('placement', '/resource_providers');
    const consumer = randomUUID();
    await this.#admin.send(
      'PUT',
      'placement',
      `/allocations/${consumer}`,
      {
        allocations: { [providers[0].uuid]: { resources: { VCPU: 1 } } },
        project_id: this.#admin.projectId,
        user_id: this.#admin.projectId,
        consumer_generation: null,
      },
      { 'openstack-api-version': 'placement 1.28' },
    );
    return `consumer ${consumer} holds resources, but is no server`;
  }

  #northboundRow(): string {
    const id = randomUUID();
    const { northbound } = readEngine(this.#layout);
    const row = ['name=stray', `external_ids:"${owned.network}"="${id}"`];
    execFileSync('ovn-nbctl', [`--db=${northbound}`, `--id=${id}`, 'create', 'Logical_Switch', ...row]);
    return `the network engine has rows of network ${id}, which does not exist`;
  }

  /** Plugs in what an agent would have, for a server that is gone. */
  async #plug(): Promise<string> {
    const portId = randomUUID();
    const net = new OvnHost({ switch: readEngine(this.#layout).switch, log: silentLog() });
    await net.plug({ portId, mac: 'fa:16:3e:00:00:01', mtu: 1442, guestUid: null });
    await net.close();
    return portId;
  }

  async #tap(): Promise<string> {
    const id = await this.#plug();
    const ports = new VswitchPorts(readEngine(this.#layout).switch);
    await ports.remove(id);
    ports.close();
    return ofNobody(`net port ${id}`);
  }

  async #switchPort(): Promise<string> {
    const id = await this.#plug();
    execFileSync('ip', ['link', 'delete', tapName(id)]);
    return ofNobody(`net port ${id}`);
  }

  async #metadataCable(): Promise<string> {
    const networkId = randomUUID();
    const device = metadataDevice(networkId);
    const mac = 'fa:16:3e:00:00:02';
    execFileSync('ip', ['link', 'add', device, 'type', 'veth', 'peer', 'name', device.replace('mdp', 'mdq')]);
    const ports = new VswitchPorts(readEngine(this.#layout).switch);
    await ports.add({ id: randomUUID(), device, mac, owner: [metadataOwner, networkId] });
    ports.close();
    return ofNobody(`net metadata ${networkId}`);
  }

  #guestDirectory(): string {
    const id = randomUUID();
    mkdirSync(join(this.#guests, id));
    return ofNobody(`virt guest ${id}`);
  }

  /** A QEMU that nobody remembers, of a guest without files. */
  #qemu(): string {
    const id = randomUUID();
    const idle = ['-machine', 'none', '-nodefaults', '-display', 'none', '-S'];
    mkdirSync(join(this.#guests, id, 'run'), { recursive: true });
    const child = spawn(
      '/usr/bin/qemu-system-x86_64',
      [...idle, '-pidfile', join(this.#guests, id, 'run', 'pid')],
      {
        stdio: 'ignore',
        detached: true,
      },
    );
    child.unref();
    this.stray = processId(child.pid!);
    return ofNobody(`virt guest ${id}`);
  }

  /** Disks in the directory of a guest that does not use them. */
  #overlay(): string {
    mkdirSync(join(this.#guests, this.#server, 'disks-9'));
    return ofNobody(`virt leftover ${this.#server}/disks-9`);
  }

  /** A guest the agent remembers; it reads its notes when it starts. */
  async #spec(): Promise<string> {
    const id = randomUUID();
    writeFileSync(join(this.#layout.agent, 'specs', `${id}.json`), JSON.stringify({ id, interfaces: [] }));
    const agent = () => readState(this.#layout.processes).find(({ name }) => name === 'agent')?.id;
    const before = agent()!;
    process.kill(before.pid, 'SIGKILL');
    await until('the agent is back', 60, async () => {
      const now = agent();
      return now && now.pid !== before.pid && isAlive(now);
    });
    const audit = () => this.#cloud.stratalith('audit');
    await until('it answers', 60, async () => (await audit()).stdout.includes(id));
    // it has begun to look after metadata by now, and would take away what is planted there: this waits until that is over
    await audit();
    return ofNobody(`spec ${id}`);
  }
}

const ofNobody = (what: string): string => `${what} on host ${host()} belongs to no server`;
const host = (): string => execFileSync('hostname', { encoding: 'utf8' }).trim();
