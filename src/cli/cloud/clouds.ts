import { chownSync, renameSync, writeFileSync } from 'node:fs';

import { stringify } from 'yaml';

import { type Layout, type MachineConfig, publicUrl } from '#contracts/machine.ts';

/** The user and project of the demo, besides `admin`. */
export const demo = { user: 'demo', project: 'demo' };

/**
 * Writes clouds.yaml, mode 0600: cloud `stratalith` is the administrator, `stratalith-demo` an ordinary user. Under sudo it
 * belongs to whoever called sudo.
 */
export function writeClouds(
  layout: Layout,
  config: MachineConfig,
  passwords: { admin: string; demo: string },
): void {
  const cloud = (username: string, project: string, password: string) => ({
    auth: {
      auth_url: `${publicUrl(config, 'identity')}/v3`,
      username,
      password,
      project_name: project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: config.api.region,
    identity_api_version: '3',
  });
  const text = stringify({
    clouds: {
      stratalith: cloud('admin', 'admin', passwords.admin),
      'stratalith-demo': cloud(demo.user, demo.project, passwords.demo),
    },
  });
  const file = `${layout.clouds}.new`;
  writeFileSync(file, text, { mode: 0o600 });
  const { SUDO_UID, SUDO_GID } = process.env;
  if (process.getuid?.() === 0 && SUDO_UID && SUDO_GID) chownSync(file, Number(SUDO_UID), Number(SUDO_GID));
  renameSync(file, layout.clouds);
}
