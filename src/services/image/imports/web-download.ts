import { lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

import { badRequest, CloudError, isKind } from '#kit/errors/cloud-error.ts';

import type { Incoming } from '../data/transfers.ts';
import { filterUri, hostOf, mayConnect, type UriFilter } from './uri.ts';

const maxRedirects = 5;
const silenceMs = 60_000;

/**
 * Fetches a URL. Every connection, also one that a redirect leads to, is checked at the address it is really made to. Throws
 * `badRequest` for a URL that may not be fetched, `badGateway` for one that cannot.
 */
export async function download(uri: string, filter: UriFilter, signal: AbortSignal): Promise<Incoming> {
  let url = filterUri(uri, filter);
  for (let redirects = 0; url && redirects <= maxRedirects; redirects++) {
    const response = await get(url, filter, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) {
      const length = headers['content-length'];
      return { source: response, size: length === undefined ? undefined : Number(length) };
    }
    response.destroy();
    const isRedirect = statusCode >= 301 && statusCode <= 308 && headers.location !== undefined;
    if (!isRedirect) throw badGateway(`${url.href} answered ${statusCode}`);
    const next = URL.canParse(headers.location!, url.href) ? new URL(headers.location!, url).href : undefined;
    url = filterUri(next, filter);
    if (!url) throw badRequest(`Redirect to disallowed URL: ${headers.location}`);
  }
  throw url ? badGateway(`${uri} redirects too often`) : refusedUri(uri);
}

/** What is said of a URL that may not be fetched. */
export const refusedUri = (uri: unknown): CloudError =>
  badRequest(`URI for web-download does not pass filtering: ${String(uri)}`);

function get(url: URL, filter: UriFilter, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { lookup: checkedLookup(hostOf(url), filter), signal, timeout: silenceMs });
    sent.on('timeout', () => sent.destroy(badGateway(`${url.host} is silent`)));
    sent.on('error', (error) =>
      reject(isKind(error, 'badRequest', 'badGateway') ? error : badGateway(`${url.host}: ${error.message}`)),
    );
    sent.on('response', resolve);
    sent.end();
  });
}

const badGateway = (words: string): CloudError => new CloudError('badGateway', words);

/** Resolves names to those of their addresses that may be connected to. */
function checkedLookup(host: string, filter: UriFilter): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) {
        done(error, '');
        return;
      }
      const allowed = addresses.filter(({ address }) => mayConnect(host, address, filter));
      if (allowed.length === 0) done(badRequest(`${host} is not on the internet`), '');
      else if (options.all) done(null, allowed);
      else done(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}
