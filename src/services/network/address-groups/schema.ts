import { cidrOf, formatCidr } from '../addressing/ip.ts';
import { attributes, identity, named, standard } from '../resource/attribute.ts';
import { bool, cidr, listOf, text, type ValueType } from '../resource/values.ts';

const networks = listOf(cidr);

/** Networks and addresses in CIDR form, host bits cut off, each once. */
export const addressSet: ValueType<readonly string[]> = {
  convert(value) {
    const list = networks.convert!(value);
    if (!Array.isArray(list)) return list;
    return [...new Set((list as string[]).map((one) => formatCidr(cidrOf(one))))];
  },
  problem: networks.problem!,
};

/**
 * neutron_lib/api/definitions/address_group.py; `addresses` change by `add_addresses` and `remove_addresses`, not by
 * PUT.
 */
export const addressGroupAttributes = attributes({
  ...identity,
  ...named,
  ...standard,
  description: { type: text(1024), post: true, put: true, default: '', filter: true, sort: true },
  addresses: { type: addressSet, post: true, default: [] },
  shared: { type: bool, hidden: true },
});
