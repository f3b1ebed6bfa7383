import { badRequest, notAcceptable } from '#kit/errors/cloud-error.ts';
import type { MicroversionScheme } from '#kit/http/microversion.ts';

/** Every microversion, with what it changed. */
export const versions = {
  '1.0': 'Initial version.',
  '1.1': 'Aggregates of a resource provider.',
  '1.2': 'Resource classes.',
  '1.3': 'Resource providers filtered by `member_of`.',
  '1.4': 'Resource providers filtered by `resources`.',
  '1.5': 'Deleting all inventories of a resource provider.',
  '1.6': 'Traits.',
  '1.7': 'Creating a resource class by PUT without a body.',
  '1.8': 'Allocations must name project and user.',
  '1.9': 'Usages of a project or user.',
  '1.10': 'Allocation candidates.',
  '1.11': 'A link from resource providers to their allocations.',
  '1.12': 'Allocations by provider, in requests as in answers.',
  '1.13': 'Allocations of several consumers in one request.',
  '1.14': 'Nested resource providers, and the filter `in_tree`.',
  '1.15': 'Last-Modified and Cache-Control headers.',
  '1.16': 'Candidates limited by `limit`.',
  '1.17': 'Candidates filtered by `required`; traits in provider summaries.',
  '1.18': 'Resource providers filtered by `required`.',
  '1.19': 'Generations when aggregates are set.',
  '1.20': 'Creating a resource provider answers 200 with its representation.',
  '1.21': 'Candidates filtered by `member_of`.',
  '1.22': 'Forbidden traits.',
  '1.23': 'A code in every error.',
  '1.24': 'Several `member_of` in one query.',
  '1.25': 'Candidates for numbered request groups.',
  '1.26': 'All of an inventory may be reserved.',
  '1.27': 'All resource classes in provider summaries.',
  '1.28': 'Consumer generations.',
  '1.29': 'Candidates from nested resource providers.',
  '1.30': 'The reshaper.',
  '1.31': 'Candidates filtered by `in_tree`.',
  '1.32': 'Forbidden aggregates.',
  '1.33': 'Request groups with suffixes of any letters, digits, `-` and `_`.',
  '1.34': 'Which providers satisfy which request group, in `mappings`.',
  '1.35': 'Candidates filtered by `root_required`.',
  '1.36': 'Request groups bound by `same_subtree`.',
  '1.37': 'Resource providers can change or lose their parent.',
  '1.38': 'Consumer types.',
  '1.39': 'Any of several traits: `required=in:`.',
} as const;

export const placementMicroversions: MicroversionScheme = {
  min: '1.0',
  max: '1.39',
  serviceType: 'placement',
  vary: 'openstack-api-version',
  refusal: (asked) =>
    /^\s*\d+\.\d+\s*$/.test(asked)
      ? notAcceptable(`Invalid microversion: Unacceptable version header: ${asked}`)
      : badRequest(`Invalid microversion: invalid version string: ${asked}`),
};
