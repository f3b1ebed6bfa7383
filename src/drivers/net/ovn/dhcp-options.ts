/** Names (dnsmasq's) and numbers of DHCP options a port may override, and OVN's names for them (ovn-nb(5)). */
export const optionNames: Readonly<Record<4 | 6, Readonly<Record<string, string>>>> = {
  4: {
    ...both('netmask', 1, 'netmask'),
    ...both('router', 3, 'router'),
    ...both('dns-server', 6, 'dns_server'),
    ...both('log-server', 7, 'log_server'),
    ...both('lpr-server', 9, 'lpr_server'),
    ...both('domain-name', 15, 'domain_name'),
    ...both('swap-server', 16, 'swap_server'),
    ...both('ip-forward-enable', 19, 'ip_forward_enable'),
    ...both('policy-filter', 21, 'policy_filter'),
    ...both('default-ttl', 23, 'default_ttl'),
    ...both('mtu', 26, 'mtu'),
    ...both('router-discovery', 31, 'router_discovery'),
    ...both('router-solicitation', 32, 'router_solicitation'),
    ...both('arp-timeout', 35, 'arp_cache_timeout'),
    ...both('ethernet-encap', 36, 'ethernet_encap'),
    ...both('tcp-ttl', 37, 'tcp_ttl'),
    ...both('tcp-keepalive', 38, 'tcp_keepalive_interval'),
    ...both('nis-server', 41, 'nis_server'),
    ...both('ntp-server', 42, 'ntp_server'),
    ...both('lease-time', 51, 'lease_time'),
    ...both('server-id', 54, 'server_id'),
    ...both('T1', 58, 'T1'),
    ...both('T2', 59, 'T2'),
    ...both('tftp-server', 66, 'tftp_server'),
    ...both('bootfile-name', 67, 'bootfile_name'),
    ...both('domain-search', 119, 'domain_search_list'),
    ...both('classless-static-route', 121, 'classless_static_route'),
    ...both('tftp-server-address', 150, 'tftp_server_address'),
    ...both('path-prefix', 210, 'path_prefix'),
    ...both('ms-classless-static-route', 249, 'ms_classless_static_route'),
    ...both('wpad', 252, 'wpad'),
    ...both('server-ip-address', 255, 'next_server'),
    'bootfile-name-alt': 'bootfile_name_alt',
  },
  6: {
    ...both('server-id', 2, 'server_id'),
    ...both('ia-addr', 5, 'ia_addr'),
    ...both('dns-server', 23, 'dns_server'),
    ...both('domain-search', 24, 'domain_search'),
    ...both('bootfile-name', 59, 'bootfile_name'),
  },
};

function both(name: string, code: number, option: string): Record<string, string> {
  return { [name]: option, [code]: option };
}

/** Options whose value OVN takes for an identifier unless it stands in quotes. */
export const quotedOptions: ReadonlySet<string> = new Set([
  'domain_name',
  'domain_search_list',
  'bootfile_name',
  'bootfile_name_alt',
  'path_prefix',
  'wpad',
  'tftp_server',
  'domain_search',
]);
