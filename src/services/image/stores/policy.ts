import { admin, adminOrReader, adminOrService, projectRule } from '../policy.ts';

/** glance/policies/discovery.py and image.py */
export const storePolicies = [
  projectRule('stores_info_detail', adminOrService, 'Expose store specific information.'),
  projectRule('delete_image_location', admin, 'Delete the location of given image.'),
  projectRule('get_image_location', adminOrReader, 'Read the location of the image.'),
];
