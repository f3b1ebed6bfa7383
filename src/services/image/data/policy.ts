import { adminOrMember, adminOrMemberOfImage, projectRule } from '../policy.ts';

/** glance/policies/image.py */
export const dataPolicies = [
  projectRule('download_image', adminOrMemberOfImage, 'Download given image.'),
  projectRule(
    'download_from_store',
    adminOrMemberOfImage,
    'Download image from specific store using store selection parameters.',
  ),
  projectRule('upload_image', adminOrMember, 'Upload data to specified image.'),
];
