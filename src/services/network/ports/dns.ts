import { lowerCase, shown, type ValueType } from '../resource/values.ts';

/** Names of ports and domains, as neutron_lib/api/validators/dns.py checks them (RFC 1123, RFC 952). */

const longestName = 255;
const label = /^[a-z0-9-]{1,63}$/i;

function formatProblem(name: string): string | undefined {
  const trimmed = name.endsWith('.') ? name.slice(0, -1) : name;
  const labels = trimmed.split('.');
  const reason =
    trimmed.length > longestName
      ? `'${trimmed}' exceeds the ${longestName} character FQDN limit`
      : (labels.map(labelProblem).find((p) => p !== undefined) ??
        (labels.length > 1 && /^\d+$/.test(labels.at(-1)!)
          ? `TLD '${labels.at(-1)}' must not be all numeric`
          : undefined));
  return reason && `'${name}' not a valid PQDN or FQDN. Reason: ${reason}`;
}

function labelProblem(text: string): string | undefined {
  if (text === '') return 'Encountered an empty component';
  if (text.startsWith('-') || text.endsWith('-')) return `Name '${text}' must not start or end with a hyphen`;
  if (label.test(text)) return undefined;
  return `Name '${text}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen`;
}

/** A host's name, relative or ending in a dot. */
export const dnsName: ValueType<string> = {
  ...lowerCase,
  problem: (value) => (value === '' ? undefined : formatProblem(value as string)),
};

/** A domain, ending in a dot. */
export const dnsDomain: ValueType<string> = {
  ...lowerCase,
  problem(value) {
    const name = value as string;
    if (name === '') return undefined;
    if (!name.endsWith('.')) return `'${shown(value)}' is not a FQDN`;
    const problem = formatProblem(name);
    if (problem) return problem;
    return name.length > longestName - 2
      ? `'${name}' contains ${name.length} characters. Adding a sub-domain will cause it to exceed the maximum length of a FQDN of '${longestName}'`
      : undefined;
  },
};

/** Names a port's network knows it by: its own, and in each of these domains. All without the final dot. */
export function portNames(name: string, ...domains: readonly string[]): string[] {
  if (name === '') return [];
  const names = name.endsWith('.') ? [name] : [name, ...domains.map((domain) => fullName(name, domain))];
  return [...new Set(names.map((text) => text.replace(/\.$/, '').toLowerCase()))];
}

/** The full name of a port: its own, in its domain unless it is complete already. */
export const fullName = (name: string, domain: string): string => {
  if (name.endsWith('.')) return name;
  const dotted = domain.endsWith('.') ? domain : `${domain}.`;
  return domain === '' ? `${name}.` : `${name}.${dotted}`;
};
