import { notFound } from '#kit/errors/cloud-error.ts';
import { type Call, type Endpoint, endpointOf } from '#kit/http/endpoint.ts';

import { badResource, invalidInput } from '../errors.ts';
import { floatingIps } from '../floatingips/noun.ts';
import { networks } from '../networks/noun.ts';
import { ports } from '../ports/noun.ts';
import type { Noun, StandardTable } from '../resource/noun.ts';
import { bump } from '../resource/revision.ts';
import { repeatedIn, shown, text } from '../resource/values.ts';
import { everything } from '../resource/viewer.ts';
import { routers } from '../routers/noun.ts';
import { securityGroups } from '../security-groups/noun.ts';
import type { Network } from '../service.ts';
import { subnetPools } from '../subnetpools/noun.ts';
import { subnets } from '../subnets/noun.ts';
import type { Work } from '../work.ts';
import { addTags, removeTag, removeTags, tagsOf } from './store.ts';

const endpoint = endpointOf<Network>();
const mostTags = 50;
const tag = text(255);

interface Tagged {
  readonly id: string;
  readonly tags: readonly string[];
}
type TaggedNoun = Noun<Tagged>;

/** https://docs.openstack.org/api-ref/network/v2/#standard-attributes-tag-extension, for one kind of resource. */
function tagEndpoints<Row extends Tagged>(
  path: string,
  declared: Pick<Noun<Row>, keyof TaggedNoun>,
): Endpoint<Network>[] {
  const noun = declared as unknown as TaggedNoun;
  const load = (call: Call<Network, { id: string }>) => findTagged(call.service, noun, call.params.id);
  const shared = { load, target: noun.target } as const;
  const rule = (action: string) => `${action}_${noun.name}:tags`;
  return [
    endpoint({
      method: 'GET',
      path: `${path}/{id}/tags` as const,
      policy: rule('get'),
      ...shared,
      status: 200,
      handler: ({ resource }) => ({ tags: resource.tags }),
    }),
    endpoint({
      method: 'POST',
      path: `${path}/{id}/tags` as const,
      policy: rule('create'),
      ...shared,
      body: 'json',
      status: 201,
      handler: async ({ service, resource, body }) => {
        const tags = readTags(body);
        await change(service, noun, resource, [...new Set([...resource.tags, ...tags])]);
        return { tags };
      },
    }),
    endpoint({
      method: 'PUT',
      path: `${path}/{id}/tags` as const,
      policy: rule('update'),
      ...shared,
      body: 'json',
      status: 200,
      handler: async ({ service, resource, body }) => {
        const tags = readTags(body);
        await change(service, noun, resource, tags);
        return { tags };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}/tags` as const,
      policy: rule('delete'),
      ...shared,
      status: 204,
      handler: ({ service, resource }) => change(service, noun, resource, []),
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}/tags/{tag}` as const,
      policy: rule('get'),
      ...shared,
      status: 204,
      handler: ({ resource, params }) => {
        if (!resource.tags.includes((params as { tag: string }).tag))
          throw tagNotFound((params as { tag: string }).tag);
      },
    }),
    endpoint({
      method: 'PUT',
      path: `${path}/{id}/tags/{tag}` as const,
      policy: rule('update'),
      ...shared,
      status: 201,
      handler: async ({ service, resource, params }) => {
        const added = checkedTag((params as { tag: string }).tag);
        await change(service, noun, resource, [...new Set([...resource.tags, added])]);
      },
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}/tags/{tag}` as const,
      policy: rule('delete'),
      ...shared,
      status: 204,
      handler: async ({ service, resource, params }) => {
        const { tag: gone } = params as { tag: string };
        if (!resource.tags.includes(gone)) throw tagNotFound(gone);
        await write(service, noun, resource.id, (work) => removeTag(work.db, resource.id, gone));
      },
    }),
  ];
}

/** Tags of every kind of resource that can have them. */
export const allTagEndpoints = [
  ...tagEndpoints('/networks', networks),
  ...tagEndpoints('/subnets', subnets),
  ...tagEndpoints('/ports', ports),
  ...tagEndpoints('/routers', routers),
  ...tagEndpoints('/floatingips', floatingIps),
  ...tagEndpoints('/security-groups', securityGroups),
  ...tagEndpoints('/subnetpools', subnetPools),
];

// Neutron looks resources up as itself here and leaves the rest to policy
async function findTagged(service: Network, noun: TaggedNoun, id: string): Promise<Tagged> {
  const found = await noun.find(service.db, id, everything);
  if (!found)
    throw notFound(`Resource ${noun.name} ${id} could not be found.`, { type: 'TagResourceNotFound' });
  return found;
}

/** Gives a resource exactly these tags. */
async function change(
  service: Network,
  noun: TaggedNoun,
  resource: Tagged,
  tags: readonly string[],
): Promise<void> {
  if (tags.length > mostTags)
    throw badResource(noun.collection, `The number of tags exceed the per-resource limit of ${mostTags}`);
  await write(service, noun, resource.id, async (work) => {
    const present = (await tagsOf(work.db, [resource.id])).get(resource.id) ?? [];
    const added = tags.filter((one) => !present.includes(one));
    if (present.some((one) => !tags.includes(one))) {
      await removeTags(work.db, [resource.id]);
      await addTags(work.db, resource.id, tags);
    } else await addTags(work.db, resource.id, added);
  });
}

const write = (
  service: Network,
  noun: TaggedNoun,
  id: string,
  work: (work: Work) => Promise<void>,
): Promise<void> =>
  service.write(async (w) => {
    await bump(w, noun.table as StandardTable, id, noun.notFound);
    await work(w);
  });

function readTags(body: unknown): string[] {
  const tags = (body as { tags?: unknown } | null | undefined)?.tags;
  if (tags === undefined) throw invalidInput('Invalid tags body');
  if (!Array.isArray(tags)) throw invalidInput(`'${shown(tags)}' is not a list`);
  const repeated = repeatedIn(tags as unknown[]);
  if (repeated.length > 0) throw invalidInput(`Duplicate items in the list: '${repeated.join(', ')}'`);
  return tags.map(checkedTag);
}

function checkedTag(value: unknown): string {
  const problem = tag.problem!(value);
  if (problem) throw invalidInput(problem);
  return value as string;
}

const tagNotFound = (name: string) => notFound(`Tag ${name} could not be found.`, { type: 'TagNotFound' });
