import type { Endpoint } from '#kit/http/endpoint.ts';
import { versionNumber } from '#kit/http/microversion.ts';

import { serverActionEndpoints } from '../server-actions/api.ts';
import { serverEndpoints } from '../servers/api.ts';
import type { Compute } from '../service.ts';

const last = '2.102';

/** The actions of nova/api/openstack/compute/volumes_boot.py; those Nova keeps in modules of their own are not here. */
const actions = new Set([
  'confirmResize',
  'revertResize',
  'reboot',
  'resize',
  'rebuild',
  'createImage',
  'os-start',
  'os-stop',
  'trigger_crash_dump',
]);

/** Servers under another name, until 2.102. */
export const volumesBootEndpoints: readonly Endpoint<Compute>[] = [
  ...serverEndpoints,
  ...serverActionEndpoints.filter(({ action }) => action !== undefined && actions.has(action)),
].map((endpoint) => ({
  ...endpoint,
  path: endpoint.path.replace(/^\/servers/, '/os-volumes_boot'),
  until: endpoint.until && versionNumber(endpoint.until) < versionNumber(last) ? endpoint.until : last,
}));
