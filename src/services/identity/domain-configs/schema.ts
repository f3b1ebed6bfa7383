import Type from 'typebox';

/**
 * `PUT` and `PATCH` of `/v3/domains/{domain_id}/config` and what is below it. Loose, since the path says whether
 * `config` holds groups or options, and Keystone refuses what it does not know with 403, not 400.
 */
export const domainConfigBody = Type.Object({
  config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
