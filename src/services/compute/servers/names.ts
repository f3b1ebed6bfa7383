import { randomInt } from 'node:crypto';

/** Nova's sanitize_hostname: what is left of a name once only what a host name may hold is kept; may be empty. */
export function hostnameFrom(name: string): string {
  return (
    [...name]
      .filter((character) => character.codePointAt(0)! <= 0xff)
      .join('')
      .slice(0, 63)
      .replaceAll(/[ _.]/g, '-')
      // Python's \w takes the letters of Latin-1 too
      .replaceAll(/[^\p{L}\p{N}_.-]+/gu, '')
      .toLowerCase()
      .replaceAll(/^[.-]+|[.-]+$/g, '')
  );
}

const symbolGroups = ['23456789', 'ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz'];
const passwordLength = 12;

/** A random password with at least one digit, one capital and one small letter, none that look alike. */
export function newPassword(): string {
  const pick = (symbols: string): string => symbols[randomInt(symbols.length)]!;
  const all = symbolGroups.join('');
  const password = symbolGroups.map(pick);
  while (password.length < passwordLength) password.splice(randomInt(password.length + 1), 0, pick(all));
  // the first of each group must not stand in a place one can guess
  for (let i = password.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [password[i], password[j]] = [password[j]!, password[i]!];
  }
  return password.join('');
}

/** Nova's reservation ids: `r-` and eight letters or digits. */
export function newReservationId(): string {
  const symbols = '0123456789abcdefghijklmnopqrstuvwxyz';
  return `r-${Array.from({ length: 8 }, () => symbols[randomInt(symbols.length)]).join('')}`;
}
