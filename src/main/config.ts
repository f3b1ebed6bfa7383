import { standardPorts } from '#contracts/machine.ts';
import { qemuOptions } from '#drivers/virt/qemu/options.ts';
import { type Config, flag, list, number, oneOf, readConfig, text } from '#kit/config/options.ts';
import { computeOptions } from '#services/compute/options.ts';
import { identityOptions } from '#services/identity/options.ts';
import { imageOptions } from '#services/image/options.ts';
import { networkOptions } from '#services/network/options.ts';
import { placementOptions } from '#services/placement/options.ts';

const port = (standard: number, what: string) =>
  number(standard, `TCP port of ${what}.`, { min: 1, max: 65_535 });

/** Every section of the configuration file. A service's own options stand in its folder as `options.ts`. */
export const sections = {
  api: {
    listen: text(
      '127.0.0.1',
      'Address every API listens on. Nothing is reachable from outside unless this says so.',
    ),
    public_host: text(
      '',
      'Host name or address put into the service catalog; empty: the address listened on.',
    ),
    region: text('RegionOne', 'Region of the endpoints in the service catalog.'),
  },
  ports: {
    identity: port(standardPorts.identity, 'Identity (Keystone)'),
    compute: port(standardPorts.compute, 'Compute (Nova)'),
    placement: port(standardPorts.placement, 'Placement'),
    image: port(standardPorts.image, 'Image (Glance)'),
    network: port(standardPorts.network, 'Network (Neutron)'),
    console: port(standardPorts.console, "the guests' consoles (noVNC)"),
  },
  database: {
    url: text(
      '',
      'PostgreSQL URL (`postgresql://…`) shared by several control processes; empty: an embedded database in the data directory.',
    ),
  },
  log: {
    level: oneOf(['debug', 'info', 'warn', 'error'], 'info', 'Least important lines written.'),
  },
  identity: identityOptions,
  compute: computeOptions,
  placement: placementOptions,
  image: imageOptions,
  network: networkOptions,
  drivers: {
    virt: oneOf(['qemu', 'sim'], 'qemu', 'Hypervisor driver. `sim` pretends: nothing runs.'),
    net: oneOf(['ovn', 'sim'], 'ovn', 'Network driver. `sim` pretends: no packet moves.'),
  },
  qemu: qemuOptions,
  ovn: {
    bridges: list(
      ['public:br-ex'],
      'Physical networks this host is connected to, each with its bridge: `network:bridge`.',
    ),
    bridge_addresses: list(
      ['br-ex:172.24.4.1/24'],
      'Addresses this host has on its bridges: `bridge:address/prefix`. What makes floating IPs reachable from this host.',
    ),
    datapath: oneOf(
      ['auto', 'system', 'netdev'],
      'auto',
      'Who switches packets: the kernel (`system`), or a process (`netdev`). `auto` is the kernel where it can.',
    ),
    encap_address: text('127.0.0.1', 'Address other hypervisors reach this one at, for tunnels.'),
    use_host: flag(
      true,
      'Whether to use Open vSwitch and OVN as the operating system runs them, where it does.',
    ),
    northbound: text('', 'OVN’s Northbound database when it runs elsewhere: `tcp:host:port`.'),
    southbound: text('', 'OVN’s Southbound database when it runs elsewhere: `tcp:host:port`.'),
  },
  sim: {
    hosts: number(1, 'How many simulated hypervisors there are when `drivers.virt` is `sim`.', {
      min: 1,
      max: 1000,
    }),
  },
} as const;

/** The values of the whole configuration file. */
export type StratalithConfig = Config<typeof sections>;

/** Reads the configuration file's text; throws ConfigError with every problem found. */
export const parseConfig = (toml: string): StratalithConfig => readConfig(sections, toml);
