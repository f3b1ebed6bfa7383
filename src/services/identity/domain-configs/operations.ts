import type { AnyTransaction } from '#kit/db/database.ts';
import { type CloudError, forbidden, notFound } from '#kit/errors/cloud-error.ts';

import { missing, refuseDangling } from '../errors.ts';
import type { Identity } from '../service.ts';
import { isSensitive, options as known } from './options.ts';
import type { DomainConfigPart, DomainOption } from './store.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Gives a domain these options and no others. Answers whether it had any before. */
export async function replaceConfig(service: Identity, domainId: string, config: Fields): Promise<boolean> {
  const options = optionsOf(config);
  const { domainConfigs } = service;
  const had = (await domainConfigs.list(domainId)).length > 0;
  await write(service, domainId, async (trx) => {
    await domainConfigs.remove(trx, domainId);
    await domainConfigs.set(trx, domainId, options);
  });
  return had;
}

/** Sets options of a domain: any, those of a group that has some, or one that is set. */
export async function updateConfig(
  service: Identity,
  domainId: string,
  config: Fields,
  part: DomainConfigPart,
): Promise<void> {
  const { group, option } = part;
  const whole = group !== undefined && option !== undefined ? { [group]: config } : config;
  const options = optionsOf(whole);
  requireKnown(part);
  if (group !== undefined) {
    refuseOthers(whole, options, part);
    await requireSet(service, domainId, part);
  }
  await write(service, domainId, (trx) => service.domainConfigs.set(trx, domainId, options));
}

/** Sets options of a domain; throws `notFound` when that was deleted meanwhile. */
const write = (service: Identity, domainId: string, work: (trx: AnyTransaction) => Promise<void>) =>
  refuseDangling(service.changes.apply(work), () => missing('domain', domainId));

/** Takes options from a domain. */
export async function deleteConfig(
  service: Identity,
  domainId: string,
  part: DomainConfigPart,
): Promise<void> {
  requireKnown(part);
  if (part.group !== undefined) await requireSet(service, domainId, part);
  await service.changes.apply((trx) => service.domainConfigs.remove(trx, domainId, part));
}

/** The options of a domain that may be read; throws `notFound` when there are none. */
export async function readConfig(
  service: Identity,
  domainId: string,
  part: DomainConfigPart,
): Promise<DomainOption[]> {
  requireKnown(part);
  const options = await service.domainConfigs.list(domainId, part);
  const readable = options.filter(({ group, option }) => !isSensitive(group, option));
  if (readable.length === 0) throw notSet(domainId, part);
  return readable;
}

/** Throws unless there are such a group and such an option in it. */
export function requireKnown({ group, option }: DomainConfigPart): void {
  if (group === undefined) return;
  if (!Object.hasOwn(known, group))
    throw invalid(`Group ${group} is not supported for domain specific configurations`);
  if (option !== undefined && !Object.hasOwn(known[group]!, option) && !isSensitive(group, option)) {
    throw invalid(`Option ${option} in group ${group} is not supported for domain specific configurations`);
  }
}

/** What Keystone says of a configuration it does not take. */
export const invalid = (reason: string): CloudError =>
  forbidden(`Invalid domain specific configuration: ${reason}.`);

function optionsOf(config: Fields): DomainOption[] {
  if (Object.keys(config).length === 0) throw invalid('No options specified');
  return Object.entries(config).flatMap(([group, fields]) => {
    if (!isObject(fields) || Object.keys(fields).length === 0) {
      throw invalid(`The value of group ${group} specified in the config should be a dictionary of options`);
    }
    return Object.entries(fields).map(([option, value]) => {
      requireKnown({ group, option });
      return { group, option, value };
    });
  });
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws unless what is to be set is exactly what the path names. */
function refuseOthers(
  config: Fields,
  options: readonly DomainOption[],
  { group, option }: DomainConfigPart,
): void {
  if (option !== undefined && options.length !== 1) {
    throw invalid(
      `Trying to update option ${option} in group ${group}, so that, and only that, option must be specified in the config`,
    );
  }
  const groups = Object.keys(config);
  if (groups.length !== 1) {
    throw invalid(
      `Trying to update group ${group}, so that, and only that, group must be specified in the config`,
    );
  }
  if (groups[0] !== group) {
    throw invalid(
      `request to update group ${group}, but config provided contains group ${groups[0]} instead`,
    );
  }
  if (option !== undefined && options[0]!.option !== option) {
    throw invalid(
      `Trying to update option ${option} in group ${group}, but config provided contains option ${options[0]!.option} instead`,
    );
  }
}

async function requireSet(service: Identity, domainId: string, part: DomainConfigPart): Promise<void> {
  if ((await service.domainConfigs.list(domainId, part)).length === 0) throw notSet(domainId, part);
}

function notSet(domainId: string, { group, option }: DomainConfigPart): CloudError {
  const what =
    option === undefined
      ? group === undefined
        ? 'any options'
        : `group ${group}`
      : `option ${option} in group ${group}`;
  return notFound(`Could not find ${what} in domain configuration for domain ${domainId}.`);
}
