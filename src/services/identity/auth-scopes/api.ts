import { forbidden } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { rawJson } from '#kit/http/reply.ts';

import { viewDomain } from '../domains/view.ts';
import { collection } from '../listing.ts';
import { viewProject } from '../projects/view.ts';
import type { Identity } from '../service.ts';

const endpoint = endpointOf<Identity>();

/** https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management: what the caller may scope to. */
export const authScopeEndpoints = [
  endpoint({
    method: 'GET',
    path: '/auth/projects',
    policy: 'identity:get_auth_projects',
    status: 200,
    handler: async ({ service, auth, request }) => {
      const { projects } = await service.effectiveRoles.targetsOf(auth.userId);
      return collection(
        'projects',
        projects.map((project) => viewProject(project, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/auth/domains',
    policy: 'identity:get_auth_domains',
    status: 200,
    handler: async ({ service, auth, request }) => {
      const { domains } = await service.effectiveRoles.targetsOf(auth.userId);
      return collection(
        'domains',
        domains.map((domain) => viewDomain(domain, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/auth/system',
    policy: 'identity:get_auth_system',
    status: 200,
    handler: async ({ service, auth, request }) => {
      const roles = await service.effectiveRoles.onSystem(auth.userId);
      return {
        system: roles.length > 0 ? [{ all: true }] : [],
        links: { self: `${request.origin}/v3/auth/system` },
      };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/auth/catalog',
    policy: 'identity:get_auth_catalog',
    status: 200,
    handler: ({ service, auth, request }) => {
      // a project-scoped token is needed, but Keystone does not say so
      if (!auth.projectId) throw forbidden('You are not authorized to perform the requested action.');
      const links = JSON.stringify({ self: `${request.origin}/v3/auth/catalog` });
      const show = (catalog: string) => rawJson(`{"catalog":${catalog},"links":${links}}`);
      const catalog = service.catalog.textFor(auth.userId, auth.projectId);
      return catalog instanceof Promise ? catalog.then(show) : show(catalog);
    },
  }),
];
