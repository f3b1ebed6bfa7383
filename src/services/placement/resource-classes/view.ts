/** Where a resource class is found, also in links, which are paths without a host. */
export const resourceClassPath = (name: string): string => `/resource_classes/${name}`;

/** A resource class as the API shows it. */
export const viewResourceClass = (name: string) => ({
  name,
  links: [{ rel: 'self', href: resourceClassPath(name) }],
});
