import type { Call } from '#kit/http/endpoint.ts';

/** For whom rows are read: whose they must be, and from whose side `shared` is seen. */
export interface Viewer {
  readonly projectId: string | undefined;
  /** Sees everything: administrators and services. */
  readonly admin: boolean;
}

/** Network's own view of its rows. */
export const everything: Viewer = { projectId: undefined, admin: true };

/** The caller as a viewer (Neutron's `context.is_admin` and the roles of services). */
export function viewerOf(call: Pick<Call<unknown>, 'allows' | 'auth'>): Viewer {
  const admin =
    call.allows('context_is_admin') || call.allows('service_api') || call.allows('context_is_advsvc');
  return { projectId: call.auth.projectId, admin };
}
