import type { CloudError } from '#kit/errors/cloud-error.ts';

import { randomIn } from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';
import type { NetworkSettings } from '../options.ts';
import type { Db } from '../tables.ts';
import { flatNetworkInUse, noNetworkAvailable, tunnelIdInUse, vlanIdInUse } from './errors.ts';
import { countSegments, segmentTaken } from './store.ts';

/**
 * What carries a network between hosts, as neutron/plugins/ml2/drivers has it: a geneve tunnel, a VLAN or a whole
 * physical network.
 */
export interface Segment {
  readonly type: 'geneve' | 'flat' | 'vlan';
  /** Empty for tunnels. */
  readonly physicalNetwork: string;
  /** 0 for flat networks. */
  readonly segmentationId: number;
}

/** Provider attributes as a caller gave them. */
export interface ProviderAttributes {
  readonly type: string | undefined;
  readonly physicalNetwork: string | undefined;
  readonly segmentationId: number | undefined;
}

/** What a geneve header takes of each packet, in bytes. */
const geneveOverhead = 58;
const lastVlan = 4094;

/** The largest MTU of a segment, in bytes. */
export const maxMtu = (segment: Pick<Segment, 'type'>, settings: NetworkSettings): number =>
  segment.type === 'geneve' ? settings.mtu - geneveOverhead : settings.mtu;

/** Checks provider attributes. Throws `InvalidInput`. The segment may still lack an identifier. */
export function wantedSegment(
  given: ProviderAttributes,
  settings: NetworkSettings,
): Omit<Segment, 'segmentationId'> & { segmentationId: number | undefined } {
  const { type, physicalNetwork, segmentationId } = given;
  if (type === undefined) {
    if (physicalNetwork !== undefined || segmentationId !== undefined)
      throw invalidInput('network_type required');
    return { type: 'geneve', physicalNetwork: '', segmentationId: undefined };
  }
  switch (type) {
    case 'flat':
      if (physicalNetwork === undefined)
        throw invalidInput('physical_network required for flat provider network');
      known(physicalNetwork, settings, 'flat');
      if (segmentationId !== undefined)
        throw invalidInput('segmentation_id prohibited for flat provider network');
      return { type, physicalNetwork, segmentationId: 0 };
    case 'vlan':
      return { type, physicalNetwork: vlanPhysicalNetwork(given, settings), segmentationId };
    case 'geneve':
      if (physicalNetwork !== undefined)
        throw invalidInput('provider:physical_network specified for geneve network');
      if (segmentationId !== undefined && (segmentationId < 1 || segmentationId > 0xffffff))
        throw invalidInput('segmentation_id out of range (1 through 16777215)');
      return { type, physicalNetwork: '', segmentationId };
    default:
      throw invalidInput(`network_type value '${type}' not supported`);
  }
}

function vlanPhysicalNetwork(given: ProviderAttributes, settings: NetworkSettings): string {
  const { physicalNetwork, segmentationId } = given;
  if (segmentationId !== undefined && (segmentationId < 1 || segmentationId > lastVlan))
    throw invalidInput(`segmentation_id out of range (1 through ${lastVlan})`);
  if (physicalNetwork === undefined) {
    if (segmentationId !== undefined)
      throw invalidInput('segmentation_id requires physical_network for VLAN provider network');
    return '';
  }
  known(physicalNetwork, settings, 'VLAN');
  return physicalNetwork;
}

function known(physicalNetwork: string, settings: NetworkSettings, kind: string): void {
  if (!settings.physical_networks.includes(physicalNetwork))
    throw invalidInput(`physical_network '${physicalNetwork}' unknown for ${kind} provider network`);
}

/**
 * Segments to try in turn for a network: the one named, or random free ones. Inserting the network is what takes it;
 * another may be quicker, hence several.
 */
export async function* candidateSegments(
  db: Db,
  wanted: ReturnType<typeof wantedSegment>,
  settings: NetworkSettings,
): AsyncGenerator<Segment> {
  if (wanted.segmentationId !== undefined) {
    yield { ...wanted, segmentationId: wanted.segmentationId };
    throw segmentInUse(wanted.type, wanted.physicalNetwork, wanted.segmentationId);
  }
  for (const range of rangesFor(wanted, settings)) {
    for (;;) {
      const segmentationId = await freeSegment(db, wanted.type, range);
      if (segmentationId === undefined) break;
      yield { type: wanted.type, physicalNetwork: range.physicalNetwork, segmentationId };
    }
  }
  throw noNetworkAvailable();
}

interface SegmentRange {
  readonly physicalNetwork: string;
  readonly first: number;
  readonly last: number;
}

function rangesFor(
  wanted: Pick<Segment, 'type' | 'physicalNetwork'>,
  settings: NetworkSettings,
): SegmentRange[] {
  if (wanted.type === 'geneve')
    return [{ physicalNetwork: '', first: settings.vni_first, last: settings.vni_last }];
  return settings.vlan_ranges
    .map((text) => text.split(':'))
    .map(([name = '', first, last]) => ({ physicalNetwork: name, first: Number(first), last: Number(last) }))
    .filter((range) => wanted.physicalNetwork === '' || range.physicalNetwork === wanted.physicalNetwork);
}

/** A free identifier: a lucky guess, else by halving the range until the free one is found. */
async function freeSegment(db: Db, type: string, range: SegmentRange): Promise<number | undefined> {
  let { first, last } = range;
  const guess = Number(randomIn({ start: BigInt(first), end: BigInt(last) }));
  if (!(await segmentTaken(db, type, range.physicalNetwork, guess))) return guess;
  const used = (from: number, to: number) => countSegments(db, type, range.physicalNetwork, from, to);
  if ((await used(first, last)) >= last - first + 1) return undefined;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if ((await used(first, middle)) < middle - first + 1) last = middle;
    else first = middle + 1;
  }
  return first;
}

function segmentInUse(type: Segment['type'], physicalNetwork: string, id: number): CloudError {
  if (type === 'flat') return flatNetworkInUse(physicalNetwork);
  return type === 'vlan' ? vlanIdInUse(physicalNetwork, id) : tunnelIdInUse(id);
}
