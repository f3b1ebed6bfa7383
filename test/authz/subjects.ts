import type { Subject } from './world.ts';
import { computeSubject } from './worlds/compute.ts';
import { identitySubject } from './worlds/identity.ts';
import { imageSubject } from './worlds/image.ts';
import { networkSubject } from './worlds/network.ts';
import { placementSubject } from './worlds/placement.ts';

/** What is tested: every API there is, with things for its endpoints to be called on. */
export const subjects: readonly Subject[] = [
  identitySubject,
  placementSubject,
  imageSubject,
  networkSubject,
  computeSubject,
];
