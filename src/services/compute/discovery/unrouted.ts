import type { FaultContext, Unrouted } from '#kit/http/api.ts';
import { renderWebob } from '#kit/http/webob.ts';

import { v20, v21, viewChoice } from './view.ts';

const belongsToApi = (path: string): boolean => /^\/v2(\.1)?\//.test(path);

/**
 * What no route leads to: within the API webob's own page of what is not there, also for methods a path does not have;
 * elsewhere the versions one may have meant.
 */
export const unrouted: Unrouted = {
  needsToken: belongsToApi,
  hidesMethods: true,
  render: (_error, context) =>
    belongsToApi(pathOf(context)) ? renderWebob({ status: 404 }, context) : multipleChoices(context),
};

const pathOf = ({ url }: FaultContext): string => url.split('?', 1)[0]!;

const multipleChoices = (context: FaultContext) => ({
  status: 300,
  contentType: 'application/json',
  body: JSON.stringify({
    choices: [v20, v21].map((major) =>
      viewChoice(major, context.origin, pathOf(context).replace(/\/+$/, '')),
    ),
  }),
});
