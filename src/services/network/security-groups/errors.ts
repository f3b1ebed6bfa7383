import { conflict } from '#kit/errors/cloud-error.ts';

/** neutron/extensions/securitygroup.py: what can be wrong with a group. */

/** When a group that ports are in is to be removed, or to become stateful or stateless: 409. */
export const groupInUse = (id: string) =>
  conflict(`Security Group ${id} in use.`, { type: 'SecurityGroupInUse' });

/** When someone but an administrator removes a project's default group: 409. */
export const defaultNotRemovable = () =>
  conflict('Insufficient rights for removing default security group.', {
    type: 'SecurityGroupCannotRemoveDefault',
  });

/** When a project's default group is given a name, whoever asks: 409. */
export const defaultNotRenamable = () =>
  conflict('Updating default security group not allowed.', { type: 'SecurityGroupCannotUpdateDefault' });
