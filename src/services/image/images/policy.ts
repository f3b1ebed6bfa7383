import {
  admin,
  adminOrMember,
  adminOrOwnerToBe,
  adminOrReader,
  adminOrReaderOfImage,
  projectRule,
} from '../policy.ts';

/** glance/policies/image.py */
export const imagePolicies = [
  projectRule('add_image', adminOrOwnerToBe, 'Create new image.'),
  projectRule('delete_image', adminOrMember, 'Delete the image.'),
  projectRule('get_image', adminOrReaderOfImage, 'Get specified image.'),
  projectRule('get_images', adminOrReader, 'Get all available images.'),
  projectRule('modify_image', adminOrMember, 'Update given image.'),
  projectRule('publicize_image', admin, 'Publicize given image.'),
  projectRule('communitize_image', adminOrMember, 'Communitize given image.'),
];
