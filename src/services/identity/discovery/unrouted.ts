import type { Unrouted } from '#kit/http/api.ts';

const notFoundPage = `<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`;

/** What no route leads to, as Flask answers it, which knows the methods of every path. */
export const unrouted: Unrouted = {
  render: ({ kind, details }, { method }) => {
    if (kind !== 'methodNotAllowed')
      return { status: 404, contentType: 'text/html; charset=utf-8', body: notFoundPage };
    const headers = { allow: `${details.headers?.allow}, OPTIONS` };
    if (method === 'OPTIONS')
      return { status: 200, contentType: 'text/html; charset=utf-8', body: '', headers };
    const body = JSON.stringify({ message: 'The method is not allowed for the requested URL.' });
    return { status: 405, contentType: 'application/json', body, headers };
  },
};
