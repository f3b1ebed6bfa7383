import { badRequest, type CloudError, notAcceptable } from '../errors/cloud-error.ts';

/** A microversion as text, e.g. `2.37`. */
export type Version = `${number}.${number}`;

/** A microversion as one comparable number: 2.37 is 2_037. Minor versions stay under a thousand. */
export type VersionNumber = number;

const cache = new Map<string, VersionNumber>();
const versionPattern = /^([1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Reads `major.minor`; throws `badRequest` on another form. */
export function versionNumber(text: string): VersionNumber {
  let number = cache.get(text);
  if (number === undefined) {
    const match = versionPattern.exec(text);
    if (!match)
      throw badRequest(
        `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`,
      );
    number = Number(match[1]) * 1000 + Number(match[2]);
    if (cache.size < 4096) cache.set(text, number);
  }
  return number;
}

/** Writes a version number back as `major.minor`. */
export const versionText = (number: VersionNumber): Version =>
  `${Math.floor(number / 1000)}.${number % 1000}` as Version;

/** How a service negotiates microversions. */
export interface MicroversionScheme {
  readonly min: Version;
  readonly max: Version;
  /** The word before the number in `OpenStack-API-Version`, e.g. `compute`. */
  readonly serviceType: string;
  /** The header from before `OpenStack-API-Version`, e.g. `X-OpenStack-Nova-API-Version`. */
  readonly legacyHeader?: string;
  /** Names the header in `Vary`; left out, `OpenStack-API-Version`. */
  readonly vary?: string;
  /** Paths that know nothing of microversions: they are as in the oldest one, whatever is asked for, and name none. */
  readonly isBeyond?: (path: string) => boolean;
  /** The error for a version that is malformed or not served, where it is not worded as Nova words it. */
  readonly refusal?: (asked: string) => CloudError;
}

/** The version a request asks for. Throws `badRequest` for a malformed one, `notAcceptable` outside the range. */
export function negotiate(
  scheme: MicroversionScheme,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): VersionNumber {
  const asked = askedVersion(scheme, headers);
  if (asked === undefined) return versionNumber(scheme.min);
  if (asked === 'latest') return versionNumber(scheme.max);
  if (scheme.refusal && !versionPattern.test(asked)) throw scheme.refusal(asked);
  const number = versionNumber(asked);
  if (number < versionNumber(scheme.min) || number > versionNumber(scheme.max)) {
    throw (
      scheme.refusal?.(asked) ??
      notAcceptable(
        `Version ${asked} is not supported by the API. Minimum is ${scheme.min} and maximum is ${scheme.max}.`,
      )
    );
  }
  return number;
}

/** What the headers say, as microversion_parse reads them: the last of several versions counts, in either header. */
function askedVersion(
  scheme: MicroversionScheme,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const wanted = scheme.serviceType.toLowerCase();
  for (const part of lastFirst(headers['openstack-api-version'])) {
    const [, type, version] = /^(\S+)\s+(.*)$/.exec(part) ?? [];
    if (type?.toLowerCase() === wanted) return version;
  }
  return scheme.legacyHeader && lastFirst(headers[scheme.legacyHeader.toLowerCase()])[0];
}

/** The values of a header that may be given several times. */
const lastFirst = (header: string | string[] | undefined): string[] =>
  header === undefined
    ? []
    : String(header)
        .split(',')
        .map((part) => part.trim())
        .reverse();

/** The headers that tell the caller which version answered. */
export function versionHeaders(scheme: MicroversionScheme, number: VersionNumber): Record<string, string> {
  const version = versionText(number);
  const headers: Record<string, string> = {
    'openstack-api-version': `${scheme.serviceType} ${version}`,
    vary: scheme.vary ?? 'OpenStack-API-Version',
  };
  if (scheme.legacyHeader) {
    headers[scheme.legacyHeader.toLowerCase()] = version;
    headers.vary = `OpenStack-API-Version, ${scheme.legacyHeader}`;
  }
  return headers;
}
