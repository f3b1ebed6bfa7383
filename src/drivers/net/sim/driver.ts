import type { Change, NetAgent, NetDriver, PortStatus } from '../driver.ts';
import type { SimFabric } from './fabric.ts';

/** The control half of the simulated network: it keeps what it is told and no packet moves. */
export class SimNetDriver implements NetDriver {
  readonly name = 'sim';
  readonly #fabric: SimFabric;

  constructor(fabric: SimFabric) {
    this.#fabric = fabric;
  }

  get connected(): boolean {
    return this.#fabric.reachable;
  }

  async apply(changes: readonly Change[]): Promise<void> {
    this.#fabric.apply(changes);
  }

  async present(kind: Change['kind']): Promise<readonly string[]> {
    return this.#fabric.ids(kind);
  }

  async drifted(changes: readonly Change[]): Promise<readonly string[]> {
    return changes.filter((change) => this.#fabric.differs(change)).map((change) => change.id);
  }

  onPortStatus(listener: (status: PortStatus) => void): void {
    this.#fabric.listen(listener);
  }

  portStatus(portId: string): PortStatus | undefined {
    return this.#fabric.statusOf(portId);
  }

  async agents(): Promise<readonly NetAgent[]> {
    return this.#fabric.agents(Date.now());
  }

  async removeAgent(id: string): Promise<void> {
    const agent = (await this.agents()).find((one) => one.id === id);
    if (agent) this.#fabric.removeHost(agent.host);
  }

  async close(): Promise<void> {}
}
