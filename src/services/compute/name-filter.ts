import { setFlagsFromString } from 'node:v8';

import { badRequest } from '#kit/errors/cloud-error.ts';

// the flag `l` makes V8 match in linear time, whatever the pattern: a caller's pattern must not keep the process busy
setFlagsFromString('--enable-experimental-regexp-engine');

/**
 * A filter by regular expression, as Nova's name filters are: it may match anywhere in the name.
 * Throws `badRequest` for what is no regular expression or needs backtracking (back references, look-around).
 */
export function nameMatcher(parameter: string, pattern: string): (name: string) => boolean {
  let expression: RegExp;
  try {
    // eslint-disable-next-line eslint/no-invalid-regexp
    expression = new RegExp(pattern, 'l');
  } catch (cause) {
    throw badRequest(`Invalid ${parameter} filter [${pattern}]`, undefined, cause);
  }
  return (name) => expression.test(name);
}
