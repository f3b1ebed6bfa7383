import { STATUS_CODES } from 'node:http';

import { acceptedOf } from './accept.ts';
import type { Fault, FaultContext } from './api.ts';

/** What a fault of Python's webob says. */
export interface WebobFault {
  readonly status: number;
  /** Replaces webob's own words for the status. */
  readonly explanation?: string;
  /** Follows the explanation. */
  readonly detail?: string;
  /** Takes the place of all words. */
  readonly text?: string;
  /** The JSON body made from the text, where a service has its own; left out, webob's. */
  readonly json?: (text: string) => unknown;
}

const explanations: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since\r\nit is either malformed or otherwise incorrect.\r\n',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  409: 'There was a conflict when trying to complete your request.',
  410: 'This resource is no longer available.  No forwarding address is given.',
  412: 'Request precondition failed.',
  413: 'The body of your request was too large for this server.',
  416: 'The Range requested is not available.',
  500: 'The server has either erred or is incapable of performing\r\nthe requested operation.\r\n',
  502: 'Bad gateway.',
  503: 'The server is currently unavailable. Please try again at a later time.',
};

/** webob's titles differ from Node's in places. */
const titles: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  416: 'Request Range Not Satisfiable',
};

/** webob's title of a status, e.g. `Not Found`. */
export const webobTitle = (status: number): string => titles[status] ?? STATUS_CODES[status] ?? 'Unknown';

/**
 * A fault as webob.exc renders it: HTML, JSON or plain text, whichever the `Accept` header prefers. A request without
 * that header gets plain text.
 */
export function renderWebob(fault: WebobFault, context: FaultContext): Fault {
  const status = `${fault.status} ${webobTitle(fault.status)}`;
  const [best] = acceptedOf(context.accept ?? '', ['text/html', 'application/json']);
  if (best === 'text/html') {
    const body = `<html>\n <head>\n  <title>${status}</title>\n </head>\n <body>\n  <h1>${status}</h1>\n  ${bodyOf(fault, context, escapeHtml)}\n </body>\n</html>`;
    return { status: fault.status, contentType: 'text/html; charset=UTF-8', body };
  }
  const plain = bodyOf(fault, context, (text) => text);
  if (best === 'application/json') {
    const body = fault.json?.(stripTags(plain)) ?? {
      message: plain,
      code: status,
      title: webobTitle(fault.status),
    };
    return { status: fault.status, contentType: 'application/json', body: JSON.stringify(body) };
  }
  const body = `${status}\n\n${stripTags(plain)}`;
  return { status: fault.status, contentType: 'text/plain; charset=UTF-8', body };
}

function bodyOf(fault: WebobFault, context: FaultContext, escape: (text: string) => string): string {
  if (fault.text !== undefined) return escape(fault.text);
  const detail = escape(fault.detail ?? '');
  switch (fault.status) {
    case 405:
      return `The method ${escape(context.method)} is not allowed for this resource. <br /><br />\n${detail}`;
    case 406:
      return `The resource could not be generated that was acceptable to your browser\n(content of type ${escape(context.accept ?? '')}. <br /><br />\n${detail}`;
    case 415:
      return `The request media type ${escape(context.contentType ?? 'None')} is not supported by this server.\n<br /><br />\n${detail}`;
    case 501:
      return `\nThe request method ${escape(context.method)} is not implemented for this server. <br /><br />\n${detail}`;
    default:
      return `${escape(fault.explanation ?? explanations[fault.status] ?? '')}<br /><br />\n${detail}\n\n`;
  }
}

function stripTags(html: string): string {
  const lines = replaceTags(html.replaceAll('\n', ' ').replaceAll('\r', ''), /<br.*?>/gi, '\n');
  return replaceTags(lines.replaceAll(/<!--|-->/g, ''), /<.*?>/g, '');
}

/** Replaces tags. Behind the last `>` none can end: to look for its end from each `<` there would take quadratic time. */
function replaceTags(html: string, tag: RegExp, by: string): string {
  const end = html.lastIndexOf('>') + 1;
  return html.slice(0, end).replaceAll(tag, by) + html.slice(end);
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');
