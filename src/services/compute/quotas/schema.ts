import Type from 'typebox';

import { strictSince, until } from '#kit/http/versioned-schema.ts';

import { boolean, integer, maxInteger } from '../fields.ts';
import { textParameter } from '../query.ts';

const limit = integer(-1, maxInteger);
const ever = Type.Optional(limit);
const injection = until('2.56', limit);

const lasting = {
  instances: ever,
  cores: ever,
  ram: ever,
  metadata_items: ever,
  key_pairs: ever,
  server_groups: ever,
  server_group_members: ever,
  injected_files: injection,
  injected_file_content_bytes: injection,
  injected_file_path_bytes: injection,
};

const network = (last: '2.35' | '2.49') => ({
  fixed_ips: until(last, limit),
  floating_ips: until(last, limit),
  security_groups: until(last, limit),
  security_group_rules: until(last, limit),
});

const strict = { additionalProperties: false };

/** The body of `PUT /os-quota-sets/{id}`; -1 is without limit. `force` allows limits below what is used. */
export const updateQuotaBody = Type.Object(
  { quota_set: Type.Object({ ...lasting, ...network('2.35'), force: Type.Optional(boolean) }, strict) },
  strict,
);

/**
 * The body of `PUT /os-quota-class-sets/{id}`. Network resources lasted longer here than in quota sets: until 2.49.
 */
export const updateQuotaClassBody = Type.Object(
  { quota_class_set: Type.Object({ ...lasting, ...network('2.49') }, strict) },
  strict,
);

/** The query of calls on a project's quotas: with `user_id` they are about that user in the project. */
export const quotaQuery = strictSince('2.75', Type.Object({ user_id: textParameter }));
