import type { Subject } from './world.ts';
import { identitySubject } from './worlds/identity.ts';

/** What is tested. */
export const subjects: readonly Subject[] = [identitySubject];
