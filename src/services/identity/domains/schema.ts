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

export const createDomainBody = Type.Object(
  {
    domain: Type.Object(
      { name: nameOf(64), explicit_domain_id: Type.Optional(idReference), ...optional },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: false },
);

export const updateDomainBody = Type.Object(
  {
    domain: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export type DomainFields = Static<typeof updateDomainBody>['domain'] & Readonly<Record<string, unknown>>;

export const listDomainsQuery = listQuery({
  name: Type.Optional(nameOf(64)),
  enabled: truthFilter,
});
