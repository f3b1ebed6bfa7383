import Type, { type Static } from 'typebox';

import { idReference, immutableOption, longDescription, nameOf, nullable, truthFilter } from '../fields.ts';
import { listQuery } from '../listing.ts';

/**
 * A tag (keystone/resource/schema.py): without commas, at which tag filters are split, and slashes, at which paths
 * are.
 */
export const tagName = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' });

/** How many tags a project has at most, however they are set. */
export const mostTags = 80;

/** All tags of a project or domain: unique as given, which they need not be once blanks around them are gone. */
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

/**
 * `POST /v3/projects` (keystone/resource/schema.py). Attributes of any other name are kept; with `is_domain` it makes
 * a domain.
 */
export const createProjectBody = Type.Object(
  { project: Type.Object({ name: nameOf(64), ...optional }, { additionalProperties: true }) },
  { additionalProperties: false },
);

/**
 * `PATCH /v3/projects/{project_id}`: at least one attribute. Domain, parent and `is_domain` may be named, but not
 * changed.
 */
export const updateProjectBody = Type.Object(
  {
    project: Type.Object(
      { name: Type.Optional(nameOf(64)), ...optional },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a project; after {@link createProjectBody} `name` is always there. */
export type ProjectFields = Static<typeof updateProjectBody>['project'] & Readonly<Record<string, unknown>>;

/** `PUT /v3/projects/{project_id}/tags`: the tags that are to be the only ones. */
export const updateTagsBody = Type.Object({ tags: tagList }, { additionalProperties: false });

const text = Type.Optional(Type.String());

/**
 * `GET /v3/projects`. The tag filters are lists separated by commas; comparators are taken on name, domain and
 * parent.
 */
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

/**
 * `GET /v3/projects/{project_id}`: what of its hierarchy is shown as well. Any value but `0` asks for it, even none.
 * `include_limits` adds those of the projects in the `…_as_list`.
 */
export const showProjectQuery = Type.Object({
  parents_as_list: text,
  parents_as_ids: text,
  subtree_as_list: text,
  subtree_as_ids: text,
  include_limits: text,
});
