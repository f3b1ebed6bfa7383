import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { requireDomain } from '../projects/operations.ts';
import { defaultDomainId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import {
  deleteConfig,
  invalid,
  readConfig,
  replaceConfig,
  requireKnown,
  updateConfig,
} from './operations.ts';
import { options, securityCompliance } from './options.ts';
import { domainConfigBody } from './schema.ts';
import type { DomainConfigPart } from './store.ts';
import { viewConfig } from './view.ts';

const endpoint = endpointOf<Identity>();

/** Some endpoints are there for all of the configuration, for a group of it, and for one option. */
const parts = ['', '/{group}', '/{group}/{option}'] as const;

type InPart = Call<Identity, { domain_id: string } & DomainConfigPart>;

/** https://docs.openstack.org/api-ref/identity/v3/#domain-configuration */
export const domainConfigEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/domains/{domain_id}/config',
    policy: 'identity:create_domain_config',
    body: domainConfigBody,
    status: 201,
    handler: async ({ service, params, body }) => {
      const { id } = await requireDomain(service, params.domain_id);
      const had = await replaceConfig(service, id, body.config ?? {});
      const config = viewConfig(await service.domainConfigs.list(id));
      return reply({ config }, { status: had ? 200 : 201 });
    },
  }),

  ...parts.map((part) =>
    endpoint({
      method: 'GET',
      path: `/domains/{domain_id}/config${part}`,
      policy: 'identity:get_domain_config',
      status: 200,
      handler: async (call) => {
        const { service, params } = call as unknown as InPart;
        return { config: shown(viewConfig(await readConfig(service, params.domain_id, params)), params) };
      },
    }),
  ),

  ...parts.map((part) =>
    endpoint({
      method: 'PATCH',
      path: `/domains/{domain_id}/config${part}`,
      policy: 'identity:update_domain_config',
      body: domainConfigBody,
      status: 200,
      handler: async (call) => {
        const { service, params } = call as unknown as InPart;
        const { id } = await requireDomain(service, params.domain_id);
        await updateConfig(service, id, call.body.config ?? {}, params);
        return { config: viewConfig(await service.domainConfigs.list(id)) };
      },
    }),
  ),

  ...parts.map((part) =>
    endpoint({
      method: 'DELETE',
      path: `/domains/{domain_id}/config${part}`,
      policy: 'identity:delete_domain_config',
      status: 204,
      handler: async (call) => {
        const { service, params } = call as unknown as InPart;
        const { id } = await requireDomain(service, params.domain_id);
        await deleteConfig(service, id, params);
      },
    }),
  ),

  ...(['', '/{option}'] as const).map((part) =>
    endpoint({
      method: 'GET',
      path: `/domains/{domain_id}/config/security_compliance${part}`,
      policy: 'identity:get_security_compliance_domain_config',
      status: 200,
      handler: (call) => {
        const { params } = call as unknown as InPart;
        refuseUnreadable(params.domain_id, params.option);
        return {
          config: shown(
            { security_compliance: securityCompliance },
            { ...params, group: 'security_compliance' },
          ),
        };
      },
    }),
  ),

  ...parts.map((part) =>
    endpoint({
      method: 'GET',
      path: `/domains/config${part}/default`,
      policy: 'identity:get_domain_config_default',
      status: 200,
      handler: (call) => {
        const { group, option } = (call as unknown as InPart).params;
        requireKnown({ ...(group !== undefined && { group }), ...(option !== undefined && { option }) });
        if (option !== undefined && !Object.hasOwn(options[group!]!, option)) {
          throw invalid(`Reading the default for option ${option} in group ${group} is not supported`);
        }
        return {
          config: shown(group === undefined ? options : { [group]: options[group]! }, { group, option }),
        };
      },
    }),
  ),
];

/** Groups of options, or the one option that was asked for on its own. */
function shown(
  config: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  { group, option }: { readonly group?: string | undefined; readonly option?: string | undefined },
) {
  return option === undefined ? config : { [option]: config[group!]![option] };
}

function refuseUnreadable(domainId: string, option: string | undefined): void {
  if (domainId !== defaultDomainId) {
    throw invalid(
      'Reading security compliance information for any domain other than the default domain is not allowed or supported.',
    );
  }
  if (option !== undefined && !Object.hasOwn(securityCompliance, option)) {
    throw invalid(
      'Reading security compliance values other than password_regex and password_regex_description is not allowed.',
    );
  }
}
