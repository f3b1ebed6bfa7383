import type { Json } from '#cli/cloud/client.ts';

import type { Patient } from './patient.ts';

/** What one server lives in: a network behind a router, a floating address, perhaps a port of its own. */
export class Home {
  readonly name: string;
  network = '';
  router = '';
  /** The port the server is to have; empty when it shall make one. */
  port = '';
  /** The server's first port, once it has one. */
  firstPort = '';
  /** The address it is reached at from outside; empty until it leads to the server. */
  address = '';
  readonly #api: Patient;
  readonly #external: string;
  #subnet = '';
  #floatingIp = '';

  constructor(api: Patient, name: string, externalNetworkId: string) {
    this.#api = api;
    this.name = name;
    this.#external = externalNetworkId;
  }

  async build(withPort: boolean): Promise<void> {
    this.network = (await this.#make('network', {})).id;
    const subnet = { network_id: this.network, ip_version: 4, cidr: '10.7.0.0/24' };
    this.#subnet = (await this.#make('subnet', subnet)).id;
    this.router = (await this.#make('router', { external_gateway_info: { network_id: this.#external } })).id;
    await this.#api.change(
      'PUT',
      'network',
      `/v2.0/routers/${this.router}/add_router_interface`,
      { subnet_id: this.#subnet },
      async () => (await this.#ports(`device_id=${this.router}&network_id=${this.network}`))[0],
    );
    if (withPort) this.port = (await this.#make('port', { network_id: this.network })).id;
  }

  /** Lets the floating address lead to a server's first port, if it has any. */
  async lead(server: string): Promise<void> {
    const [port] = await this.#ports(`device_id=${server}`);
    if (!port) return;
    this.firstPort = port.id;
    const body = { floating_network_id: this.#external, description: this.name, port_id: port.id };
    const made = await this.#api.change(
      'POST',
      'network',
      '/v2.0/floatingips',
      { floatingip: body },
      async () => {
        const { floatingips } = await this.#api.get('network', `/v2.0/floatingips?description=${this.name}`);
        return floatingips[0] && { floatingip: floatingips[0] };
      },
    );
    this.#floatingIp = made.floatingip.id;
    this.address = made.floatingip.floating_ip_address;
  }

  /** Takes everything down, which works only when nothing is left of the server in it. */
  async takeDown(): Promise<void> {
    if (this.#floatingIp !== '') await this.#api.remove('network', `/v2.0/floatingips/${this.#floatingIp}`);
    if (this.port !== '') await this.#takeDownPort();
    await this.#api.change(
      'PUT',
      'network',
      `/v2.0/routers/${this.router}/remove_router_interface`,
      { subnet_id: this.#subnet },
      async () =>
        (await this.#ports(`device_id=${this.router}&network_id=${this.network}`))[0] ? undefined : {},
    );
    await this.#api.remove('network', `/v2.0/routers/${this.router}`);
    await this.#api.remove('network', `/v2.0/networks/${this.network}`);
  }

  /** A port its owner made outlives the server, and is nobody's then. */
  async #takeDownPort(): Promise<void> {
    const { port } = await this.#api.get('network', `/v2.0/ports/${this.port}`);
    if (port.device_id !== '' || port.device_owner !== '')
      this.#api.chronicle.problem(
        this.name,
        `port ${this.port} still is ${port.device_owner} ${port.device_id}'s`,
      );
    await this.#api.remove('network', `/v2.0/ports/${this.port}`);
  }

  /** Makes one object, by its name should the answer get lost. */
  async #make(noun: string, body: object): Promise<Json> {
    const path = `/v2.0/${noun}s`;
    const wanted = { [noun]: { name: this.name, ...body } };
    const made = await this.#api.change('POST', 'network', path, wanted, async () => {
      const found = (await this.#api.get('network', `${path}?name=${this.name}`))[`${noun}s`][0];
      return found && { [noun]: found };
    });
    return made[noun];
  }

  async #ports(query: string): Promise<Json[]> {
    return (await this.#api.get('network', `/v2.0/ports?${query}`)).ports;
  }
}
