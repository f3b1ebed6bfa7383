import { randomBytes } from 'node:crypto';

/** A random MAC address of Neutron's default range, `fa:16:3e:…`. */
export function randomMac(): string {
  const tail = randomBytes(3).toString('hex');
  return `fa:16:3e:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4)}`;
}
