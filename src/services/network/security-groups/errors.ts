import { conflict } from '#kit/errors/cloud-error.ts';

/** neutron/extensions/securitygroup.py: what can be wrong with a group. */

export const groupInUse = (id: string) =>
  conflict(`Security Group ${id} in use.`, { type: 'SecurityGroupInUse' });

export const defaultNotRemovable = () =>
  conflict('Insufficient rights for removing default security group.', {
    type: 'SecurityGroupCannotRemoveDefault',
  });

export const defaultNotRenamable = () =>
  conflict('Updating default security group not allowed.', { type: 'SecurityGroupCannotUpdateDefault' });
