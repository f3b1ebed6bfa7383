import { isoSeconds } from '#kit/clock/clock.ts';

import type { Definition } from '../content-store.ts';

/** A tag says nothing but its name. */
export type TagContent = Readonly<Record<string, never>>;

/** A tag as the API shows it by itself. */
export const viewTag = (tag: Definition<TagContent>) => ({
  name: tag.name,
  created_at: isoSeconds(tag.createdAt),
  updated_at: isoSeconds(tag.updatedAt),
});

/** The tags of a namespace. */
export const viewTags = (tags: readonly Pick<Definition<TagContent>, 'name'>[]) => ({
  tags: tags.map(({ name }) => ({ name })),
});
