import { isUuidLike } from '#kit/ids/ids.ts';

import { invalidInput } from '../errors.ts';
import { attributes, identity } from '../resource/attribute.ts';
import { shown, text, uuid, type ValueType } from '../resource/values.ts';
import { objectTypes } from './objects.ts';

const objectType: ValueType<string> = {
  convert(value) {
    const type = typeof value === 'string' ? value.trim().toLowerCase() : '';
    if (!(objectTypes as readonly string[]).includes(type))
      throw invalidInput(`'${shown(value)}' is not a valid RBAC object type`);
    return type;
  },
};

/** A project, or everyone. */
const target: ValueType<string> = {
  problem(value) {
    if (value === '*' || (typeof value === 'string' && (isUuidLike(value) || /^[\w-]{1,255}$/.test(value))))
      return undefined;
    throw invalidInput(`'${shown(value)}' is not a valid target project ID; expected a UUID or '*'`);
  },
};

/** neutron/extensions/rbac.py */
export const rbacPolicyAttributes = attributes({
  ...identity,
  object_type: { type: objectType, post: true, filter: true, guarded: true, sort: true },
  object_id: { type: uuid, post: true, filter: true, guarded: true, sort: true },
  target_tenant: { type: target, post: true, put: true, filter: true, guarded: true, sort: true },
  action: { type: text(255), post: true, filter: true, guarded: true, sort: true },
});
