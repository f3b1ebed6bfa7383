import type { ConfigFile, GuestImage, GuestInterface, GuestSpec } from '#contracts/guest.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const machinePattern = /^[a-z0-9][a-z0-9.+-]{0,40}$/;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacters = /[\x00-\x1f\x7f]/;

/**
 * Refuses what has no business in a command line or a path, before any of it gets there. Everything that reaches QEMU is a
 * value behind an option's name; these checks keep a value from becoming two.
 */
export function validateSpec(spec: GuestSpec): void {
  requireUuid(spec.id, 'guest id');
  require(namePattern.test(spec.name), 'guest name', spec.name);
  requireInteger(spec.vcpus, 'vcpus', 1, 1024);
  requireInteger(spec.memoryMb, 'memoryMb', 1, 1 << 30);
  requireInteger(spec.rootGb, 'rootGb', 0, 1 << 20);
  for (const size of spec.ephemeralGb) requireInteger(size, 'ephemeralGb', 1, 1 << 20);
  requireInteger(spec.swapMb, 'swapMb', 0, 1 << 20);
  for (const image of [spec.image, spec.kernel, spec.ramdisk, spec.rescue]) if (image) validateImage(image);
  for (const nic of spec.interfaces) validateInterface(nic);
  for (const file of spec.configDrive ?? []) validateConfigFile(file);
  const { kernelArguments = '', hardware } = spec;
  require(!controlCharacters.test(kernelArguments), 'kernel arguments', kernelArguments);
  if (hardware.machine !== null)
    require(machinePattern.test(hardware.machine), 'machine type', hardware.machine);
}

/** The same for an interface that is attached later. Throws `badRequest`. */
export function validateInterface(nic: GuestInterface): void {
  requireUuid(nic.portId, 'port id');
  require(macPattern.test(nic.mac), 'MAC address', nic.mac);
  requireInteger(nic.mtu, 'mtu', 68, 65_535);
}

/** Throws `badRequest` unless `id` is a UUID: ids become names of files and of QEMU's objects. */
export function requireUuid(id: string, what: string): void {
  require(isUuidLike(id), what, id);
}

function validateImage(image: GuestImage): void {
  requireUuid(image.id, 'image id');
}

function validateConfigFile({ path }: ConfigFile): void {
  const parts = path.split('/');
  const usable = parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && part !== '.' && part !== '..');
  require(usable, 'path in the config drive', path);
}

function requireInteger(value: number, what: string, min: number, max: number): void {
  require(Number.isInteger(value) && value >= min && value <= max, what, value);
}

function require(holds: boolean, what: string, value: unknown): void {
  if (!holds) throw badRequest(`${JSON.stringify(value)} is not a usable ${what}`);
}
