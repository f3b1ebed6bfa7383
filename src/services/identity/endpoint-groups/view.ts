import type { EndpointGroup } from './store.ts';

/** An endpoint group as the API shows it. */
export const viewEndpointGroup = (group: EndpointGroup, origin: string) => ({
  id: group.id,
  name: group.name,
  description: group.description,
  filters: group.filters,
  links: { self: `${origin}/v3/OS-EP-FILTER/endpoint_groups/${group.id}` },
});
