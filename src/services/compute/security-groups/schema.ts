import Type from 'typebox';

import { parameter, queryStrictSince, textParameter } from '../query.ts';

const text = Type.String({ minLength: 0, maxLength: 255 });

/** Name and description of a group, in both of which Nova takes anything short. */
export const securityGroupBody = Type.Object({
  security_group: Type.Object({ name: text, description: text }),
});

/** A rule; what it says of ports, protocol and addresses is checked where it is read. */
export const securityGroupRuleBody = Type.Object({
  security_group_rule: Type.Object({
    parent_group_id: Type.String({ format: 'uuid' }),
    group_id: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' })),
    to_port: Type.Optional(Type.Unknown()),
    from_port: Type.Optional(Type.Unknown()),
    ip_protocol: Type.Optional(Type.Unknown()),
    cidr: Type.Optional(Type.Unknown()),
  }),
});

const count = parameter(Type.String({ pattern: '^[0-9]*$', minLength: 1 }));

/** The query of `GET /os-security-groups`, until 2.35. Being there is all `all_tenants` needs, whatever its value. */
export const listSecurityGroupsQuery = Type.Object({
  limit: count,
  offset: count,
  all_tenants: textParameter,
});

/** The query of `GET /servers/{server_id}/os-security-groups`, which unlike the proxies is still there. */
export const listServerSecurityGroupsQuery = queryStrictSince('2.102', {});
