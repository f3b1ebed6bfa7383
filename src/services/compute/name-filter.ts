import { badRequest } from '#kit/errors/cloud-error.ts';
import { linearRegExp } from '#kit/regexp/linear.ts';

/**
 * A filter by regular expression, as Nova's name filters are: it may match anywhere in the name.
 * Throws `badRequest` for what is no regular expression or needs backtracking (back references, look-around).
 */
export function nameMatcher(parameter: string, pattern: string): (name: string) => boolean {
  let expression: RegExp;
  try {
    expression = linearRegExp(pattern);
  } catch (cause) {
    throw badRequest(`Invalid ${parameter} filter [${pattern}]`, undefined, cause);
  }
  return (name) => expression.test(name);
}
