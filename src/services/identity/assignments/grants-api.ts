import { badRequest, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, type Endpoint, endpointOf } from '#kit/http/endpoint.ts';

import { found, missing, refuseDangling } from '../errors.ts';
import type { Group } from '../groups/store.ts';
import { collection } from '../listing.ts';
import type { Project } from '../projects/store.ts';
import type { Role } from '../roles/store.ts';
import { viewRole } from '../roles/view.ts';
import type { Identity } from '../service.ts';
import type { User } from '../users/store.ts';
import { type ActorType, type Assignment, systemTarget, type TargetType } from './store.ts';

const endpoint = endpointOf<Identity>();

/** One family of grants: who is granted roles on what, and whether projects below inherit them. */
interface Family {
  readonly actor: ActorType;
  readonly target: TargetType;
  readonly inherited: boolean;
}

interface Params {
  readonly role_id?: string;
  readonly user_id?: string;
  readonly group_id?: string;
  readonly project_id?: string;
  readonly domain_id?: string;
}

type GrantCall = Pick<Call<Identity>, 'service'> & { readonly params: unknown };

/** What a grant's path names, as far as it exists. */
interface Grant {
  readonly params: Params;
  readonly actor: User | Group | undefined;
  readonly target: Project | undefined;
  readonly role: Role | undefined;
}

/** https://docs.openstack.org/api-ref/identity/v3/#roles, …/#os-inherit and …/#system-role-assignments */
export const grantEndpoints: readonly Endpoint<Identity>[] = (['user', 'group'] as const).flatMap((actor) => [
  ...listAndItems({ actor, target: 'project', inherited: false }),
  ...listAndItems({ actor, target: 'domain', inherited: false }),
  ...listAndItems({ actor, target: 'system', inherited: false }),
  ...listAndItems({ actor, target: 'domain', inherited: true }),
  ...items({ actor, target: 'project', inherited: true }),
]);

function listAndItems(family: Family): Endpoint<Identity>[] {
  return [list(family), ...items(family)];
}

function list(family: Family): Endpoint<Identity> {
  return endpoint({
    method: 'GET',
    path: rolesPath(family) + suffix(family),
    policy: policyOf(family, 'list'),
    status: 200,
    load: (call) => loadGrant(family, call),
    target: grantTarget(family),
    handler: async ({ service, resource, request }) => {
      requireEnds(family, resource);
      const { actor, target } = assignmentOf(family, resource.params);
      const assignments = await service.assignments.list({
        actors: [actor],
        targets: [target],
        inherited: family.inherited,
      });
      const graph = await service.roleGraph.get();
      const roles = assignments.flatMap(({ roleId }) => graph.role(roleId) ?? []);
      return collection(
        'roles',
        roles.map((role) => viewRole(role, request.origin)),
        request,
      );
    },
  });
}

function items(family: Family): Endpoint<Identity>[] {
  const path = `${rolesPath(family)}/{role_id}${suffix(family)}`;
  const common = {
    path,
    status: 204,
    load: (call: GrantCall) => loadGrant(family, call),
    target: grantTarget(family),
  };
  return [
    endpoint({
      ...common,
      method: 'GET',
      policy: policyOf(family, 'check'),
      handler: async ({ service, resource }) => {
        requireAll(family, resource);
        const assignment = assignmentOf(family, resource.params);
        if (!(await service.assignments.has(assignment))) throw notGranted(assignment);
      },
    }),
    endpoint({
      ...common,
      method: 'PUT',
      policy: policyOf(family, 'create'),
      handler: async ({ service, resource }) => {
        requireAll(family, resource);
        refuseForeignRole(family, resource);
        const assignment = assignmentOf(family, resource.params);
        await refuseDangling(
          service.changes.apply((trx) => service.assignments.insert(trx, assignment)),
          () => missing('role', assignment.roleId),
        );
      },
    }),
    endpoint({
      ...common,
      method: 'DELETE',
      policy: policyOf(family, 'revoke'),
      handler: async ({ service, resource }) => {
        found(resource.role, 'role', resource.params.role_id ?? '');
        requireTarget(family, resource);
        const assignment = assignmentOf(family, resource.params);
        const removed = await service.changes.apply((trx) => service.assignments.remove(trx, assignment));
        if (!removed) throw notGranted(assignment);
      },
    }),
  ];
}

function rolesPath({ actor, target, inherited }: Family): string {
  const where = target === 'system' ? '/system' : `/${target}s/{${target}_id}`;
  return `${inherited ? '/OS-INHERIT' : ''}${where}/${actor}s/{${actor}_id}/roles`;
}

function suffix({ inherited }: Family): string {
  return inherited ? '/inherited_to_projects' : '';
}

function policyOf({ actor, target }: Family, verb: 'list' | 'check' | 'create' | 'revoke'): string {
  const grants = verb === 'list' ? 'grants' : 'grant';
  return target === 'system'
    ? `identity:${verb}_system_${grants}_for_${actor}`
    : `identity:${verb}_${grants}`;
}

// what does not exist is the caller's business only once policy has let the caller ask
async function loadGrant(family: Family, { service, params: named }: GrantCall): Promise<Grant> {
  const params = named as Params;
  const { role_id: role, project_id: project, domain_id: domain } = params;
  const target = project ?? domain;
  return {
    params,
    actor:
      family.actor === 'user'
        ? await service.users.find(params.user_id!)
        : await service.groups.find(params.group_id!),
    target: target === undefined ? undefined : await service.projects.find(target),
    role: role === undefined ? undefined : await service.roles.find(role),
  };
}

function grantTarget(family: Family) {
  return ({ actor, target, role }: Grant) => ({
    ...(actor && { [`target.${family.actor}.domain_id`]: actor.domainId }),
    ...(target &&
      (family.target === 'domain'
        ? { 'target.domain.id': target.id }
        : { 'target.project.domain_id': target.domainId })),
    ...(role && { 'target.role.name': role.name, 'target.role.domain_id': role.domainId }),
  });
}

function requireAll(family: Family, grant: Grant): void {
  found(grant.role, 'role', grant.params.role_id ?? '');
  requireEnds(family, grant);
}

function requireEnds(family: Family, grant: Grant): void {
  found(grant.actor, family.actor, grant.params[`${family.actor}_id`] ?? '');
  requireTarget(family, grant);
}

function requireTarget(family: Family, { target, params }: Grant): void {
  if (family.target === 'system') return;
  const wanted = family.target === 'project' || target?.isDomain ? target : undefined;
  found(wanted, family.target, params[`${family.target}_id`] ?? '');
}

/** A domain's own role can be had on that domain's projects, but not on the system. */
function refuseForeignRole(family: Family, { role, target, params }: Grant): void {
  if (!role?.domainId) return;
  if (family.target === 'system') {
    throw badRequest(
      `Role ${role.id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.`,
    );
  }
  if (family.target === 'project' && target?.domainId !== role.domainId) {
    throw forbidden(
      `Project ${params.project_id} must be in the same domain as the role ${role.id} being assigned.`,
    );
  }
}

function assignmentOf({ actor, target, inherited }: Family, params: Params): Assignment {
  return {
    actor: { type: actor, id: params[`${actor}_id`]! },
    target: target === 'system' ? systemTarget : { type: target, id: params[`${target}_id`]! },
    roleId: params.role_id ?? '',
    inherited,
  };
}

const notGranted = ({ roleId, actor, target }: Assignment) =>
  notFound(
    `Could not find role assignment with role: ${roleId}, user or group: ${actor.id}, project, domain, or system: ${target.id}.`,
  );
