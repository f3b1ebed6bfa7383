import { admin, projectRule } from '../policy.ts';

/** glance/policies/tasks.py */
export const taskPolicies = [
  projectRule('tasks_api_access', admin, 'Use the tasks API: make, list and show tasks.'),
];
