import { collectionSchema, type JsonSchema } from '../../schemas/collection.ts';
import { timestamp } from '../definitions.ts';

/** The schema of a tag (glance/api/v2/metadef_tags.py). */
export const tagSchema: JsonSchema = {
  name: 'tag',
  properties: {
    name: { type: 'string', maxLength: 80 },
    created_at: timestamp('Date and time of tag creation'),
    updated_at: timestamp('Date and time of the last tag modification'),
  },
  additionalProperties: false,
  required: ['name'],
};

/** The schema of the tags of a namespace. */
export const tagsSchema: JsonSchema = collectionSchema('tags', tagSchema);

/** What a request to make several tags must match. */
export const newTagsSchema: JsonSchema = {
  name: 'tags',
  properties: {
    tags: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 80 } },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};
