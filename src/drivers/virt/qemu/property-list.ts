import { badRequest } from '#kit/errors/cloud-error.ts';

/** The values QEMU's property lists can hold here: none has a comma or a control character. */
const plain = /^[A-Za-z0-9_.:/@ +-]*$/;

/**
 * QEMU's `driver,key=value,…` notation. Throws `badRequest` for a value that could be taken for more than one: whatever
 * was checked before, nothing gets past here.
 */
export function deviceText(
  driver: string,
  properties: Readonly<Record<string, string | number | boolean>>,
): string {
  const pairs = Object.entries(properties).map(([key, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    if (!plain.test(text)) throw badRequest(`${JSON.stringify(text)} is not a usable value of ${key}`);
    return `${key}=${text}`;
  });
  return [driver, ...pairs].join(',');
}
