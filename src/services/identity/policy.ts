import { rule } from '#kit/auth/policy.ts';

/** keystone/common/policies/base.py: the phrases other rules are made of. */
export const adminRequired = 'rule:admin_required';

export const basePolicies = [rule('admin_required', 'role:admin', 'Who may administer identity.')];
