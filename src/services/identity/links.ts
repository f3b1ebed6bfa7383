/** `links.self` of a resource. */
export const selfLink = (origin: string, collection: string, id: string): string =>
  `${origin}/v3/${collection}/${encodeURIComponent(id)}`;
