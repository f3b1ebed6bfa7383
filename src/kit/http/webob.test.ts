import { describe, expect, test } from 'vitest';

import { acceptedOf } from './accept.ts';
import type { FaultContext } from './api.ts';
import { renderWebob } from './webob.ts';

const offers = ['text/html', 'application/json'] as const;

describe('Accept', () => {
  test.each([
    [undefined, ['text/html', 'application/json']],
    ['', []],
    ['*/*', ['text/html', 'application/json']],
    ['application/json', ['application/json']],
    ['text/html,application/xml;q=0.9,*/*;q=0.8', ['text/html', 'application/json']],
    ['*/*;q=0.1, text/html;q=0.05', ['application/json', 'text/html']],
    ['text/*', ['text/html']],
    ['text/html;q=0', []],
    ['text/plain', []],
  ])('%s takes %s', (accept, taken) => {
    expect(acceptedOf(accept, offers)).toEqual(taken);
  });
});

describe('webob faults', () => {
  const context = (accept?: string): FaultContext => ({
    requestId: 'req-1',
    method: 'DELETE',
    url: '/x',
    origin: '',
    version: undefined,
    acceptsHtml: false,
    accept,
    contentType: undefined,
  });

  test('HTML escapes what it shows', () => {
    expect(renderWebob({ status: 404, explanation: 'no <b>' }, context('text/html')).body).toBe(
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  no &lt;b&gt;<br /><br />\n\n\n\n </body>\n</html>',
    );
  });

  test('JSON for those who ask for it', () => {
    const fault = renderWebob({ status: 413, explanation: 'too much' }, context('application/json'));
    expect(JSON.parse(fault.body)).toEqual({
      message: 'too much<br /><br />\n\n\n',
      code: '413 Request Entity Too Large',
      title: 'Request Entity Too Large',
    });
  });

  test('plain text otherwise, without tags', () => {
    const fault = renderWebob({ status: 409, detail: 'because <i>' }, context());
    expect(fault.contentType).toBe('text/plain; charset=UTF-8');
    expect(fault.body).toBe(
      '409 Conflict\n\nThere was a conflict when trying to complete your request.\n\n because   ',
    );
  });

  test('plain text in time proportional to its length', () => {
    const detail = '<'.repeat(1_000_000);
    expect(renderWebob({ status: 409, detail }, context()).body).toContain(detail);
    expect(renderWebob({ status: 409, detail: `${detail}-->` }, context()).body).toContain(detail);
  });

  test('some statuses speak of the request instead', () => {
    expect(renderWebob({ status: 405 }, context()).body).toContain('The method DELETE is not allowed');
  });
});
