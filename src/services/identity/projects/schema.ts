import Type, { type Static } from 'typebox';

import { idReference, immutableOption, longDescription, nameOf, nullable, truthFilter } from '../fields.ts';
import { listQuery } from '../listing.ts';

export const tagName = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' });

export const mostTags = 80;

export const tagList = Type.Array(tagName, { maxItems: mostTags, uniqueItems: true });

const optional = {
  description: Type.Optional(longDescription),
  domain_id: Type.Optional(nullable(idReference)),
  enabled: Type.Optional(Type.Boolean()),
  is_domain: Type.Optional(Type.Boolean()),
  parent_id: Type.Optional(nullable(idReference)),
  tags: Type.Optional(tagList),
  options: Type.Optional(immutableOption),
};

export const createProjectBody = Type.Object(
  { project: Type.Object({ name: nameOf(64), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

export const updateProjectBody = Type.Object(
  {
    project: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export type ProjectFields = Static<typeof updateProjectBody>['project'] & Readonly<Record<string, unknown>>;

export const updateTagsBody = Type.Object({ tags: tagList }, { additionalProperties: false });

const text = Type.Optional(Type.String());

export const listProjectsQuery = listQuery({
  domain_id: Type.Optional(idReference),
  enabled: truthFilter,
  name: Type.Optional(nameOf(64)),
  parent_id: text,
  is_domain: truthFilter,
  tags: text,
  'tags-any': text,
  'not-tags': text,
  'not-tags-any': text,
});

export const showProjectQuery = Type.Object({
  parents_as_list: text,
  parents_as_ids: text,
  subtree_as_list: text,
  subtree_as_ids: text,
});
