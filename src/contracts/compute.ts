/** What other services and the bus may ask of Compute. */
export interface ComputeContract {
  /** The servers that exist (not deleted), for audits and for Network's device checks. */
  serverIds(): Promise<readonly string[]>;
  /** The zones that have hosts, with the hosts in each. */
  availabilityZones(): Promise<readonly { name: string; hosts: readonly string[] }[]>;
}
