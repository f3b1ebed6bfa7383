import { conflict } from '#kit/errors/cloud-error.ts';

import { attributes, identity, standard, tagged } from '../resource/attribute.ts';
import { anything, bool, text, type ValueType } from '../resource/values.ts';

const plainText = text(255);

/** Any name but that of the group every project has. */
const ownName: ValueType<string> = {
  problem(value) {
    const problem = plainText.problem!(value);
    if (problem) return problem;
    if ((value as string).toLowerCase() === 'default')
      throw conflict('Default security group already exists.', { type: 'SecurityGroupDefaultAlreadyExists' });
    return undefined;
  },
};

/** neutron/extensions/securitygroup.py, the groups, and the extensions `stateful-security-group` and sharing. */
export const groupAttributes = attributes({
  ...identity,
  ...standard,
  ...tagged,
  name: { type: ownName, post: true, put: true, default: '', filter: true, sort: true },
  stateful: { type: bool, post: true, put: true, default: true, filter: true },
  shared: { type: bool, filter: true },
  security_group_rules: { type: anything },
});
