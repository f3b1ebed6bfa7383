import { type Layout, localUrl, type MachineConfig } from '#contracts/machine.ts';

import { readPassword } from '../machine/secrets.ts';
import { UserError } from '../output.ts';
import { ApiError, CloudClient } from './client.ts';

/** The administrator has chosen another password than the one in the data directory. */
export class PasswordChanged extends UserError {
  constructor(layout: Layout) {
    super(
      'the administrator has another password than the generated one',
      `write it to ${layout.adminPassword} and ${layout.clouds}`,
    );
  }
}

/** Logs in as the administrator with the generated password. Throws {@link PasswordChanged}. */
export async function adminClient(layout: Layout, config: MachineConfig): Promise<CloudClient> {
  let password: string;
  try {
    password = readPassword(layout.adminPassword);
  } catch {
    throw new UserError(`${layout.adminPassword} cannot be read`, 'run it as whoever ran `stratalith up`');
  }
  try {
    return await CloudClient.login({
      authUrl: `${localUrl(config, 'identity')}/v3`,
      user: 'admin',
      password,
      project: 'admin',
    });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw new PasswordChanged(layout);
    throw error;
  }
}
