import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { Diagnostics, GuestInterface, GuestSpec, GuestState, HostFacts } from '#contracts/guest.ts';
import { conflict, notImplemented } from '#kit/errors/cloud-error.ts';

import type { ImageFiles, Plug, VirtDriver } from '../driver.ts';
import { type SimGuest, type SimHypervisor, type SimOperation, stateOf } from './hypervisor.ts';
import { emptyQcow2 } from './qcow2.ts';

/**
 * Pretends to run guests: it keeps their state and nothing runs. For tests and for a cloud of APIs only. Images are not
 * fetched and guests have no console to connect to.
 */
export class SimVirtDriver implements VirtDriver {
  readonly name = 'sim';
  readonly runsOnImages = false;
  readonly #hypervisor: SimHypervisor;
  #unlisten: (() => void) | undefined;

  constructor(hypervisor: SimHypervisor) {
    this.#hypervisor = hypervisor;
  }

  async host(): Promise<HostFacts> {
    return this.#hypervisor.facts();
  }

  adopt(): Promise<GuestState[]> {
    return this.list();
  }

  async list(): Promise<GuestState[]> {
    return [...this.#hypervisor.guests.values()].map(stateOf);
  }

  async create(spec: GuestSpec, _images: ImageFiles, plugs: readonly Plug[]): Promise<void> {
    await this.#before('create', spec.id);
    if (this.#hypervisor.guests.get(spec.id)?.power === 'running') return;
    this.#boot({ spec, power: 'running', ports: [], kept: null, console: '', startedAt: 0 }, plugs);
  }

  async destroy(id: string): Promise<void> {
    await this.#before('destroy', id);
    this.#hypervisor.remove(id);
  }

  async start(spec: GuestSpec, _images: ImageFiles, plugs: readonly Plug[]): Promise<void> {
    await this.#before('start', spec.id);
    const guest = this.#hypervisor.guest(spec.id);
    if (guest.power === 'running' && isDeepStrictEqual(guest.spec, spec)) return;
    this.#boot({ ...guest, spec }, plugs);
  }

  async stop(id: string, _timeoutMs: number): Promise<void> {
    await this.#change('stop', id, (guest) => {
      if (guest.power !== 'shutdown') guest.console += '[  OK  ] Reached target Power-Off.\n';
      guest.power = 'shutdown';
    });
  }

  async softReboot(id: string, _timeoutMs: number): Promise<boolean> {
    let running = false;
    await this.#change('reboot', id, (guest) => {
      running = guest.power === 'running';
      if (running) guest.console += bootLog(guest.spec);
    });
    return running;
  }

  async pause(id: string): Promise<void> {
    await this.#change('pause', id, (guest) => expectPower(guest, ['running', 'paused']).to('paused'));
  }

  async unpause(id: string): Promise<void> {
    await this.#change('unpause', id, (guest) => expectPower(guest, ['running', 'paused']).to('running'));
  }

  async interrupt(id: string): Promise<void> {
    await this.#change('interrupt', id, (guest) => {
      if (guest.power === 'shutdown' || guest.power === 'suspended')
        throw conflict(`guest ${id} is ${guest.power}, cannot be interrupted`);
      guest.console += 'Uhhuh. NMI received for unknown reason 30 on CPU 0.\n';
    });
  }

  async suspend(id: string): Promise<void> {
    await this.#change('suspend', id, (guest) =>
      expectPower(guest, ['running', 'suspended']).to('suspended'),
    );
  }

  async resume(spec: GuestSpec, plugs: readonly Plug[]): Promise<void> {
    await this.#change('resume', spec.id, (guest) => {
      guest.ports = plugs.map((plug) => plug.portId);
      guest.power = 'running';
    });
  }

  async rebuild(spec: GuestSpec, _images: ImageFiles): Promise<void> {
    await this.#before('rebuild', spec.id);
    const guest = this.#hypervisor.guest(spec.id);
    this.#hypervisor.save({ ...guest, spec, console: '', power: 'shutdown' });
  }

  async resize(spec: GuestSpec): Promise<void> {
    await this.#change('resize', spec.id, (guest) => {
      guest.kept ??= guest.spec;
      guest.spec = spec;
    });
  }

  async confirmResize(id: string): Promise<void> {
    await this.#change('confirmResize', id, (guest) => {
      guest.kept = null;
    });
  }

  async revertResize(spec: GuestSpec): Promise<void> {
    await this.#change('revertResize', spec.id, (guest) => {
      guest.kept = null;
      guest.spec = spec;
    });
  }

  async snapshot(id: string, snapshotId: string): Promise<{ path: string; format: string }> {
    await this.#before('snapshot', id);
    const { spec } = this.#hypervisor.guest(id);
    const path = this.#snapshotPath(snapshotId);
    writeFileSync(path, emptyQcow2(Math.max(1, spec.rootGb) * 2 ** 30), { mode: 0o600 });
    return { path, format: 'qcow2' };
  }

  async discardSnapshot(_id: string, snapshotId: string): Promise<void> {
    rmSync(this.#snapshotPath(snapshotId), { force: true });
  }

  async attachInterface(id: string, nic: GuestInterface): Promise<void> {
    await this.#change('attach', id, (guest) => {
      if (!guest.ports.includes(nic.portId)) guest.ports = [...guest.ports, nic.portId];
    });
  }

  async detachInterface(id: string, portId: string): Promise<void> {
    await this.#change('detach', id, (guest) => {
      guest.ports = guest.ports.filter((port) => port !== portId);
    });
  }

  async consoleLog(id: string, maxBytes: number): Promise<string> {
    return this.#hypervisor.guest(id).console.slice(-maxBytes);
  }

  async consoleSocket(): Promise<string> {
    throw notImplemented('Simulated guests have no console.');
  }

  async diagnostics(id: string): Promise<Diagnostics> {
    const { spec, power, startedAt } = this.#hypervisor.guest(id);
    const uptime = power === 'running' ? Math.floor((Date.now() - startedAt) / 1000) : 0;
    const idle = { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 };
    return {
      state: power,
      uptime,
      cpus: Array.from({ length: spec.vcpus }, (_, cpu) => ({ id: cpu, timeNs: 0 })),
      memory: { maximumMb: spec.memoryMb, usedMb: spec.memoryMb },
      disks: [{ name: 'vda', readBytes: 0, readRequests: 0, writeBytes: 0, writeRequests: 0, errors: 0 }],
      nics: spec.interfaces.map(({ mac }) => ({ mac, ...idle })),
    };
  }

  onChange(listener: (guest: GuestState) => void): void {
    this.#unlisten?.();
    this.#unlisten = this.#hypervisor.listen(listener);
  }

  async orphans(known: readonly string[]): Promise<string[]> {
    const owners = new Set(known);
    return [...this.#hypervisor.guests.keys()].filter((id) => !owners.has(id)).map((id) => `guest ${id}`);
  }

  async removeOrphan(name: string): Promise<void> {
    if (name.startsWith('guest ')) this.#hypervisor.remove(name.slice('guest '.length));
  }

  async close(): Promise<void> {
    this.#unlisten?.();
  }

  #boot(guest: SimGuest, plugs: readonly Plug[]): void {
    this.#hypervisor.save({
      ...guest,
      power: 'running',
      ports: plugs.map((plug) => plug.portId),
      console: guest.console + bootLog(guest.spec),
      startedAt: Date.now(),
    });
  }

  async #change(operation: SimOperation, id: string, change: (guest: SimGuest) => void): Promise<void> {
    await this.#before(operation, id);
    const guest = this.#hypervisor.guest(id);
    change(guest);
    this.#hypervisor.save(guest);
  }

  #snapshotPath(snapshotId: string): string {
    return join(this.#hypervisor.scratch, `${snapshotId}.qcow2`);
  }

  async #before(operation: SimOperation, id: string): Promise<void> {
    await this.#hypervisor.options.before?.(operation, id);
  }
}

/** Refuses, as a real hypervisor would, what makes no sense in the guest's state. */
const expectPower = (guest: SimGuest, allowed: readonly SimGuest['power'][]) => ({
  to(power: SimGuest['power']): void {
    if (!allowed.includes(guest.power))
      throw conflict(`guest ${guest.spec.id} is ${guest.power}, cannot be ${power}`);
    guest.power = power;
  },
});

/** What a small Linux guest writes to its serial console while it boots. */
function bootLog(spec: GuestSpec): string {
  const lines = [
    'Linux version 6.1.0-sim (simulated, nothing runs)',
    `Command line: BOOT_IMAGE=/vmlinuz console=ttyS0`,
    `smp: Bringing up secondary CPUs ... ${spec.vcpus} CPU(s)`,
    `Memory: ${spec.memoryMb * 1024}K available`,
    ...spec.interfaces.map((nic, i) => `virtio_net virtio${i} eth${i}: ${nic.mac}, mtu ${nic.mtu}`),
    `virtio_blk virtio9: [vda] ${spec.rootGb * 2_097_152} 512-byte logical blocks`,
    'EXT4-fs (vda1): mounted filesystem with ordered data mode',
    'random: crng init done',
    'Run /sbin/init as init process',
    'Starting network: OK',
    'Getting metadata: OK',
    'Starting sshd: OK',
    `TINY-READY ${spec.name}`,
    '',
    'login: ',
  ];
  return `${lines.join('\n')}\n`;
}
