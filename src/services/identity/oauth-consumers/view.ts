import type { Consumer } from './store.ts';

/** A consumer as the API shows it. Its secret is shown once, by whoever makes it. */
export const viewConsumer = ({ id, description, extra }: Consumer, origin: string) => ({
  ...extra,
  id,
  description,
  links: { self: `${origin}/v3/OS-OAUTH1/consumers/${id}` },
});
