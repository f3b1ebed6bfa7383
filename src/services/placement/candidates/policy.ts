import { adminRule } from '../policy.ts';

/** placement/policies/allocation_candidate.py */
export const candidatePolicies = [
  adminRule('placement:allocation_candidates:list', 'List allocation candidates.'),
];
