import type { Capabilities } from './capabilities.ts';

/** Placement's names for what a processor can do, by QEMU's. */
const cpuTraits: Readonly<Record<string, readonly string[]>> = {
  '3dnow': ['HW_CPU_X86_3DNOW'],
  abm: ['HW_CPU_X86_ABM'],
  aes: ['HW_CPU_X86_AESNI'],
  'amx-bf16': ['HW_CPU_X86_AMXBF16'],
  'amx-int8': ['HW_CPU_X86_AMXINT8'],
  'amx-tile': ['HW_CPU_X86_AMXTILE'],
  avx: ['HW_CPU_X86_AVX'],
  avx2: ['HW_CPU_X86_AVX2'],
  avx512bw: ['HW_CPU_X86_AVX512BW'],
  avx512cd: ['HW_CPU_X86_AVX512CD'],
  avx512dq: ['HW_CPU_X86_AVX512DQ'],
  avx512f: ['HW_CPU_X86_AVX512F'],
  avx512vl: ['HW_CPU_X86_AVX512VL'],
  avx512vnni: ['HW_CPU_X86_AVX512VNNI'],
  avx512vbmi: ['HW_CPU_X86_AVX512VBMI'],
  avx512ifma: ['HW_CPU_X86_AVX512IFMA'],
  avx512vbmi2: ['HW_CPU_X86_AVX512VBMI2'],
  avx512bitalg: ['HW_CPU_X86_AVX512BITALG'],
  vaes: ['HW_CPU_X86_AVX512VAES'],
  gfni: ['HW_CPU_X86_AVX512GFNI'],
  vpclmulqdq: ['HW_CPU_X86_AVX512VPCLMULQDQ'],
  'avx512-vpopcntdq': ['HW_CPU_X86_AVX512VPOPCNTDQ'],
  bmi1: ['HW_CPU_X86_BMI'],
  bmi2: ['HW_CPU_X86_BMI2'],
  pclmulqdq: ['HW_CPU_X86_CLMUL'],
  f16c: ['HW_CPU_X86_F16C'],
  fma: ['HW_CPU_X86_FMA3'],
  fma4: ['HW_CPU_X86_FMA4'],
  mmx: ['HW_CPU_X86_MMX'],
  mpx: ['HW_CPU_X86_MPX'],
  'sha-ni': ['HW_CPU_X86_SHA'],
  sse: ['HW_CPU_X86_SSE'],
  sse2: ['HW_CPU_X86_SSE2'],
  pni: ['HW_CPU_X86_SSE3'],
  'sse4.1': ['HW_CPU_X86_SSE41'],
  'sse4.2': ['HW_CPU_X86_SSE42'],
  sse4a: ['HW_CPU_X86_SSE4A'],
  ssse3: ['HW_CPU_X86_SSSE3'],
  svm: ['HW_CPU_X86_SVM', 'HW_CPU_X86_AMD_SVM'],
  tbm: ['HW_CPU_X86_TBM'],
  vmx: ['HW_CPU_X86_VMX', 'HW_CPU_X86_INTEL_VMX'],
  xop: ['HW_CPU_X86_XOP'],
};

/** Traits that hold because QEMU has a device for them. */
const deviceTraits: Readonly<Record<string, readonly string[]>> = {
  'virtio-net-pci': ['COMPUTE_NET_VIF_MODEL_VIRTIO'],
  e1000: ['COMPUTE_NET_VIF_MODEL_E1000'],
  e1000e: ['COMPUTE_NET_VIF_MODEL_E1000E'],
  rtl8139: ['COMPUTE_NET_VIF_MODEL_RTL8139'],
  'virtio-blk-pci': ['COMPUTE_STORAGE_BUS_VIRTIO'],
  'virtio-scsi-pci': ['COMPUTE_STORAGE_BUS_SCSI'],
  'ide-hd': ['COMPUTE_STORAGE_BUS_SATA'],
  'piix3-ide': ['COMPUTE_STORAGE_BUS_IDE'],
  'virtio-vga': ['COMPUTE_GRAPHICS_MODEL_VIRTIO'],
  VGA: ['COMPUTE_GRAPHICS_MODEL_VGA'],
  'cirrus-vga': ['COMPUTE_GRAPHICS_MODEL_CIRRUS'],
  'qxl-vga': ['COMPUTE_GRAPHICS_MODEL_QXL'],
};

/** What this driver itself can do with guests and images. */
const driverTraits = [
  'COMPUTE_NODE',
  'COMPUTE_ARCH_X86_64',
  'HW_ARCH_X86_64',
  'COMPUTE_NET_ATTACH_INTERFACE',
  'COMPUTE_GRAPHICS_MODEL_NONE',
  'COMPUTE_FIRMWARE_BIOS',
  ...['AKI', 'AMI', 'ARI', 'ISO', 'QCOW2', 'RAW', 'VDI', 'VHD', 'VHDX', 'VMDK'].map(
    (format) => `COMPUTE_IMAGE_TYPE_${format}`,
  ),
];

/** Placement's traits of a host: what guests on it can have, and nothing that was not asked of its QEMU. */
export const traitsOf = ({ cpuFeatures, devices }: Capabilities): string[] =>
  [
    ...driverTraits,
    ...cpuFeatures.flatMap((feature) => cpuTraits[feature] ?? []),
    ...devices.flatMap((device) => deviceTraits[device] ?? []),
  ].sort();
