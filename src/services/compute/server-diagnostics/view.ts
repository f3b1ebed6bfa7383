import type { Diagnostics } from '#contracts/guest.ts';

import type { Server } from '../servers/server.ts';

/** Since 2.48 every hypervisor tells the same. What ours do not know is null. */
export const viewDiagnostics = (
  diagnostics: Diagnostics,
  server: Server,
  hypervisor: string,
): Record<string, unknown> => ({
  state: diagnostics.state,
  // of the names Nova's contract knows, the one whose figures these are
  driver: 'libvirt',
  hypervisor,
  hypervisor_os: 'linux',
  uptime: diagnostics.uptime,
  config_drive: server.configDrive,
  num_cpus: diagnostics.cpus.length,
  num_nics: diagnostics.nics.length,
  num_disks: diagnostics.disks.length,
  disk_details: diagnostics.disks.map((disk) => ({
    read_bytes: disk.readBytes,
    read_requests: disk.readRequests,
    write_bytes: disk.writeBytes,
    write_requests: disk.writeRequests,
    errors_count: disk.errors,
  })),
  cpu_details: diagnostics.cpus.map((cpu) => ({ id: cpu.id, time: cpu.timeNs, utilisation: null })),
  nic_details: diagnostics.nics.map((nic) => ({
    mac_address: nic.mac,
    rx_octets: nic.rxBytes,
    rx_errors: null,
    rx_drop: null,
    rx_packets: nic.rxPackets,
    rx_rate: null,
    tx_octets: nic.txBytes,
    tx_errors: null,
    tx_drop: null,
    tx_packets: nic.txPackets,
    tx_rate: null,
  })),
  memory_details: { maximum: diagnostics.memory.maximumMb, used: diagnostics.memory.usedMb },
});

/** Until 2.47 each hypervisor told what it liked, flat: this is what libvirt told. */
export function viewLegacyDiagnostics(diagnostics: Diagnostics): Record<string, number> {
  const view: Record<string, number> = {};
  for (const cpu of diagnostics.cpus) view[`cpu${cpu.id}_time`] = cpu.timeNs;
  for (const disk of diagnostics.disks) {
    view[`${disk.name}_read_req`] = disk.readRequests;
    view[`${disk.name}_read`] = disk.readBytes;
    view[`${disk.name}_write_req`] = disk.writeRequests;
    view[`${disk.name}_write`] = disk.writeBytes;
    view[`${disk.name}_errors`] = disk.errors;
  }
  for (const [i, nic] of diagnostics.nics.entries()) {
    view[`vnet${i}_rx`] = nic.rxBytes;
    view[`vnet${i}_rx_packets`] = nic.rxPackets;
    view[`vnet${i}_tx`] = nic.txBytes;
    view[`vnet${i}_tx_packets`] = nic.txPackets;
  }
  view.memory = diagnostics.memory.maximumMb * 1024;
  return view;
}
