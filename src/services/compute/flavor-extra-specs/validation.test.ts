import { expect, test } from 'vitest';

import { problemOfExtraSpec } from './validation.ts';

const problem = (name: string, value: string) =>
  problemOfExtraSpec(name, value, (trait) => trait === 'HW_CPU_X86_AVX');

test.each([
  ['hw:cpu_policy', 'dedicated'],
  ['hw:numa_cpus.3', '0-4,^2,7'],
  ['hw:numa_nodes', ' 2 '],
  ['hw:boot_menu', 'Yes'],
  ['hw:mem_page_size', '2MiB'],
  ['hw:pmem', 'A,B_1'],
  ['capabilities:cpu_info:vendor', '<in> Intel'],
  ['resources:VCPU', '1'],
  ['resources_A:CUSTOM_GOLD', '0'],
  ['trait:HW_CPU_X86_AVX', 'required'],
  ['trait1:CUSTOM_X', 'forbidden'],
  ['quota:cpu_quota', '-1'],
  ['pci_passthrough:alias', 'gpu:1, nic:2'],
  ['aggregate_instance_extra_specs:ssd', 'true'],
  ['anything', 'goes'],
  ['not_ours:anything', 'goes'],
])('%s may be %s', (name, value) => {
  expect(problem(name, value)).toBeUndefined();
});

test.each([
  ['hw:cpu_policy', 'mine', "'mine' is not one of: dedicated, shared, mixed."],
  ['hw:numa_nodes', '0', "'0' is less than the min value of '1'."],
  ['hw:numa_nodes', 'two', "'two' is not a valid integer value."],
  ['hw:redirected_usb_ports', '16', "'16' is greater than the max value of '15'."],
  ['hw:boot_menu', 'perhaps', "'perhaps' is not a valid boolean-like value."],
  ['hw:cpu_realtime_mask', '1,,2', expect.stringContaining("'1,,2' is not of the format")],
  [
    'trait:HW_UNHEARD_OF',
    'required',
    "extra spec 'trait:HW_UNHEARD_OF' does not appear to be a valid extra spec.",
  ],
  ['trait:HW_CPU_X86_AVX', 'maybe', "'maybe' is not one of: required, forbidden."],
  ['hw:unheard_of', 'x', "extra spec 'hw:unheard_of' does not appear to be a valid extra spec."],
  ['resources:GOLD', '1', "extra spec 'resources:GOLD' does not appear to be a valid extra spec."],
])('%s may not be %s', (name, value, message) => {
  expect(problem(name, value)).toEqual(message);
});
