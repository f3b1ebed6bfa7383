const strict = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads base64 as Python does, whose leniency callers rely on: what is not of the alphabet is skipped, and what stands
 * behind the padding does not count. Undefined for what is not ASCII or not whole.
 */
export function readBase64(text: string): Buffer | undefined {
  if (strict.test(text)) return Buffer.from(text, 'base64');
  // eslint-disable-next-line eslint/no-control-regex
  if (/[^\u0000-\u007f]/.test(text)) return undefined;
  const data = dataOf(text);
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}

/** The characters that carry bytes; undefined when the last ones are neither padded nor whole. */
function dataOf(text: string): string | undefined {
  let data = '';
  let padding = 0;
  for (const character of text.replaceAll(/[^A-Za-z0-9+/=]/g, '')) {
    if (character !== '=') {
      data += character;
      padding = 0;
      continue;
    }
    const position = data.length % 4;
    if (position >= 2 && position + ++padding >= 4) return data;
  }
  return data.length % 4 === 0 ? data : undefined;
}
