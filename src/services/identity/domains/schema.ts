import Type, { type Static } from 'typebox';

import { description, idReference, immutableOption, nameOf, nullable, truthFilter } from '../fields.ts';
import { listQuery } from '../listing.ts';
import { tagList } from '../projects/schema.ts';

const optional = {
  description: Type.Optional(nullable(description)),
  enabled: Type.Optional(Type.Boolean()),
  options: Type.Optional(immutableOption),
  tags: Type.Optional(tagList),
};

/** `POST /v3/domains` (keystone/resource/schema.py). `explicit_domain_id` must in the end be 32 hex digits. */
export const createDomainBody = Type.Object(
  {
    domain: Type.Object(
      { name: nameOf(64), explicit_domain_id: Type.Optional(idReference), ...optional },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: false },
);

/** `PATCH /v3/domains/{domain_id}`: at least one attribute. */
export const updateDomainBody = Type.Object(
  {
    domain: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a domain; after {@link createDomainBody} `name` is always there. */
export type DomainFields = Static<typeof updateDomainBody>['domain'] & Readonly<Record<string, unknown>>;

/** `GET /v3/domains`; also takes comparators on the name. */
export const listDomainsQuery = listQuery({
  name: Type.Optional(nameOf(64)),
  enabled: truthFilter,
});
