import { type MachineConfig, publicUrl, type ServiceName } from '#contracts/machine.ts';

import { apis } from './registry.ts';

/** What stands behind host and port in the catalog; where a service finds its version by itself, nothing does. */
const paths: Readonly<Record<string, string>> = { identity: '/v3', compute: '/v2.1' };

/** The services of this cloud and where they are, for Identity's bootstrap. */
export const catalogOf = (config: MachineConfig) =>
  apis.map((api) => {
    const url = publicUrl(config, api.type as ServiceName) + (paths[api.type] ?? '');
    return { type: api.type, name: api.project, publicUrl: url, internalUrl: url, adminUrl: url };
  });
