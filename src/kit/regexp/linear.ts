import { setFlagsFromString } from 'node:v8';

// V8 knows the flag `l` only once it is told so
setFlagsFromString('--enable-experimental-regexp-engine');

/**
 * A regular expression that takes time proportional to the text it reads, whatever its pattern: for patterns that callers
 * write, one of which could otherwise keep the process busy for hours. Throws SyntaxError for what is no regular
 * expression, or needs backtracking (back references, look-around).
 */
export const linearRegExp = (pattern: string): RegExp =>
  // eslint-disable-next-line eslint/no-invalid-regexp
  new RegExp(pattern, 'l');
