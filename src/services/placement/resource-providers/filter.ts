import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';

import { parseMemberOf, parseRequired, parseResources } from '../filters.ts';
import { hasRoom, isMember, type Model, type ModelProvider, overlap } from '../model/model.ts';
import type { AnyCall } from '../requests.ts';

/** The providers that match every filter of the query, in the order they were made. */
export async function matchingProviders(call: AnyCall & { query: Query }): Promise<ModelProvider[]> {
  const { name, uuid, in_tree: inTree, resources } = call.query as Record<string, string | undefined>;
  const memberOf = parseMemberOf((call.query.member_of as string[] | undefined) ?? [], call);
  const traits = parseRequired((call.query.required as string[] | undefined) ?? [], call);
  const amounts = resources === undefined ? [] : [...parseResources(resources)];
  const model = await call.service.model.current();
  for (const trait of [...traits.required.flatMap((any) => [...any]), ...traits.forbidden]) {
    if (!model.hasTrait(trait))
      throw badRequest(`Invalid trait(s) in "required" parameter: No such trait(s): ${trait}.`);
  }
  for (const [resourceClass] of amounts) {
    if (!model.hasClass(resourceClass))
      throw badRequest(
        `Invalid resource class in resources parameter: No such resource class ${resourceClass}.`,
      );
  }
  return treeOf(model, inTree).filter(
    (provider) =>
      (!name || provider.name === name) &&
      (!uuid || provider.uuid === uuid) &&
      traits.required.every((any) => overlap(any, provider.traits)) &&
      !overlap(traits.forbidden, provider.traits) &&
      isMember(provider, memberOf.required) &&
      !overlap(memberOf.forbidden, provider.aggregates) &&
      amounts.every(([resourceClass, amount]) => hasRoom(provider.stocks.get(resourceClass), amount)),
  );
}

function treeOf(model: Model, inTree: string | undefined): readonly ModelProvider[] {
  if (!inTree) return [...model.providers.values()];
  const root = model.providers.get(inTree)?.rootUuid;
  return root === undefined ? [] : model.trees.get(root)!;
}
