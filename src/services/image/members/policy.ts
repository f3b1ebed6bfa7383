import { adminOrImageMember, adminOrMember, adminOrReaderOrImageMember, projectRule } from '../policy.ts';

/** glance/policies/image.py */
export const memberPolicies = [
  projectRule('add_member', adminOrMember, 'Create image member.'),
  projectRule('delete_member', adminOrMember, 'Delete image member.'),
  projectRule('get_member', adminOrReaderOrImageMember, 'Show image member details.'),
  projectRule('get_members', adminOrReaderOrImageMember, 'List image members.'),
  projectRule('modify_member', adminOrImageMember, 'Update image member.'),
];
