import { protocolNumbers } from '#contracts/network.ts';
import { repr } from '#kit/http/validation.ts';

import { bitsOf, canonicalAddress, parseAddress, parseCidr } from '../addressing/ip.ts';
import { attributes, identity, standard } from '../resource/attribute.ts';
import { anything, bool, nullable, oneOf, shown, text, type ValueType } from '../resource/values.ts';
import { invalidCidr, invalidPort, unknownEthertype, unknownProtocol } from './errors.ts';

const knownProtocols = repr([null, 'any', ...Object.keys(protocolNumbers)]);

/** A protocol by name or number; `any` is null. */
export const protocol: ValueType<string | null> = {
  convert(value) {
    if (value === null || value === 'any') return null;
    const word = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
    if (/^[+-]?\d+$/.test(word)) {
      const number = Number(word);
      if (number >= 0 && number <= 255) return word;
    } else if (Object.hasOwn(protocolNumbers, word.toLowerCase())) return word.toLowerCase();
    throw unknownProtocol(shown(value), knownProtocols);
  },
};

/** `IPv4` or `IPv6` in any case, brought into that spelling. Throws `unknownEthertype`. */
export const ethertype: ValueType<string> = {
  convert(value) {
    const found = ['IPv4', 'IPv6'].find(
      (known) => typeof value === 'string' && known.toLowerCase() === value.toLowerCase(),
    );
    if (!found) throw unknownEthertype(shown(value));
    return found;
  },
};

/** A port, or an ICMP type or code, of 0 to 65535, also as text; null is any. Throws `invalidPort`. */
export const portNumber: ValueType<number | null> = {
  convert(value) {
    if (value === null) return null;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535)
      throw invalidPort(shown(value));
    return number;
  },
};

/** A network, or an address as a network of one. Host bits stay as they were given. */
export const remotePrefix: ValueType<string | null> = {
  convert(value) {
    if (value === null || value === '') return null;
    if (typeof value !== 'string') throw invalidCidr(shown(value));
    const address = parseAddress(value);
    if (address) return `${canonicalAddress(value)}/${bitsOf(address.version)}`;
    const network = parseCidr(value);
    if (!network) throw invalidCidr(value);
    return `${canonicalAddress(value.split('/')[0]!)}/${network.prefix}`;
  },
};

const reference = nullable(text(36));

/** What a rule matches. */
export const ruleFields = {
  direction: { type: oneOf(['ingress', 'egress']), post: true, filter: true, sort: true },
  ethertype: { type: ethertype, post: true, default: 'IPv4', filter: true, sort: true },
  protocol: { type: protocol, post: true, default: null, filter: true, sort: true },
  port_range_min: { type: portNumber, post: true, default: null, filter: true, sort: true },
  port_range_max: { type: portNumber, post: true, default: null, filter: true, sort: true },
  remote_ip_prefix: { type: remotePrefix, post: true, default: null, filter: true, sort: true },
  remote_group_id: { type: reference, post: true, default: null, filter: true, sort: true },
  remote_address_group_id: { type: reference, post: true, default: null, filter: true, sort: true },
} as const;

/**
 * neutron/extensions/securitygroup.py, the rules; there is no PUT. References are plain text up to 36 characters: one
 * that is no UUID is not found rather than refused.
 */
export const ruleAttributes = attributes({
  ...identity,
  ...standard,
  description: { type: text(255), post: true, default: '', filter: true, sort: true },
  security_group_id: { type: text(36), post: true, filter: true, sort: true },
  ...ruleFields,
  normalized_cidr: { type: anything },
  belongs_to_default_sg: { type: bool, filter: true },
});
