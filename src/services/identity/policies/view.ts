import { selfLink } from '../links.ts';
import type { PolicyDocument } from './store.ts';

/** A policy document as the API shows it. */
export const viewPolicy = (policy: PolicyDocument, origin: string) => ({
  ...policy.extra,
  id: policy.id,
  type: policy.type,
  blob: policy.blob,
  links: { self: selfLink(origin, 'policies', policy.id) },
});
