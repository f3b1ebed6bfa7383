import type { Query } from '#kit/http/endpoint.ts';

import { isTrue, textMatches } from '../listing.ts';
import type { Project, ProjectFilter, TagFilter } from './store.ts';

/** The projects a list query asks for. Domains are only among them when `is_domain` says so. */
export function filterOf(query: Query): ProjectFilter {
  const tags = tagFilterOf(query);
  return {
    ...(query.domain_id !== undefined && { domainId: query.domain_id as string }),
    ...(query.parent_id !== undefined && { parentId: query.parent_id as string }),
    ...(query.name !== undefined && { name: query.name as string }),
    ...(query.enabled !== undefined && { enabled: isTrue(query.enabled as string) }),
    isDomain: query.is_domain !== undefined && isTrue(query.is_domain as string),
    ...(Object.keys(tags).length > 0 && { tags }),
    matches: textMatches(query, ['name', 'domain_id', 'parent_id']),
  };
}

function tagFilterOf(query: Query): TagFilter {
  const names = (parameter: string) => (query[parameter] as string).split(',');
  return {
    ...(query.tags !== undefined && { all: names('tags') }),
    ...(query['tags-any'] !== undefined && { any: names('tags-any') }),
    ...(query['not-tags'] !== undefined && { notAll: names('not-tags') }),
    ...(query['not-tags-any'] !== undefined && { notAny: names('not-tags-any') }),
  };
}

/** For lists that are worked out rather than read: whether a project matches `domain_id`, `enabled` and `name`. */
export function matchesProject(query: Query): (project: Project) => boolean {
  const { domain_id: domain, enabled, name } = query as Record<string, string | undefined>;
  const matches = textMatches(query, ['name']);
  return (project) =>
    (domain === undefined || project.domainId === domain) &&
    (enabled === undefined || project.enabled === isTrue(enabled)) &&
    (name === undefined || project.name === name) &&
    matches.every(({ comparator, ignoreCase, value }) => {
      const [text, part] = ignoreCase
        ? [project.name.toLowerCase(), value.toLowerCase()]
        : [project.name, value];
      if (comparator === 'contains') return text.includes(part);
      return comparator === 'startswith' ? text.startsWith(part) : text.endsWith(part);
    });
}
