import { expect, test } from 'vitest';

import { hostFacts } from '#test/support/compute.ts';

import { fitsImage } from './image-properties.ts';

const facts = hostFacts({ architecture: 'x86_64', hypervisorType: 'QEMU', hypervisorVersion: 7_002_000 });

test.each<[Record<string, string>, boolean]>([
  [{ hw_architecture: 'amd64' }, true],
  [{ hw_architecture: 'aarch64' }, false],
  [{ img_hv_type: 'kvm' }, true],
  [{ img_hv_type: 'xen' }, false],
  [{ img_hv_requested_version: '>=6.0, <8' }, true],
  [{ img_hv_requested_version: '>= 6.0 , <7.2' }, false],
  [{ img_hv_requested_version: '7.2' }, true],
  [{ img_hv_requested_version: '!=7.2' }, false],
  [{ img_hv_requested_version: 'new' }, false],
])('an image with %j fits: %s', (properties, fits) => {
  expect(fitsImage(facts, properties)).toBe(fits);
});

test('a version of any length is read in time proportional to it', () => {
  const img_hv_requested_version = `7${' '.repeat(1_000_000)}.2`;
  expect(fitsImage(facts, { img_hv_requested_version })).toBe(false);
});
