/** A JSON schema or a part of one, as the API shows it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a list whose pages are linked (glance/schema.py, CollectionSchema.raw). */
export const collectionSchema = (name: string, item: JsonSchema): JsonSchema => ({
  name,
  properties: {
    [name]: { type: 'array', items: item },
    first: { type: 'string' },
    next: { type: 'string' },
    schema: { type: 'string' },
  },
  links: [
    { rel: 'first', href: '{first}' },
    { rel: 'next', href: '{next}' },
    { rel: 'describedby', href: '{schema}' },
  ],
});

/** The schema of a list that comes whole (CollectionSchema.minimal). */
export const plainCollectionSchema = (name: string, item: JsonSchema): JsonSchema => ({
  name,
  properties: {
    [name]: { type: 'array', items: item },
    schema: { type: 'string' },
  },
  links: [{ rel: 'describedby', href: '{schema}' }],
});
