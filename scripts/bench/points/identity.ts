import { authentication } from '../cloud.ts';
import { load } from '../load.ts';
import type { Points } from '../service-points.ts';

/** Tokens issued and validated, and the catalog. */
export const identity: Points = async ({ authUrl, headers, password }, bench) => {
  const url = `${authUrl}/auth/tokens`;
  const logIn = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: authentication(password),
  };
  const validate = { url, headers: { ...headers, 'x-subject-token': headers['x-auth-token']! } };
  const catalog = { url: `${authUrl}/auth/catalog`, headers };
  for (const c of [1, 8]) await bench.sustained(`identity: issue a token, c${c}`, logIn, c);
  for (const c of [1, 8]) await bench.sustained(`identity: validate a token, c${c}`, validate, c);
  const { p50, p99 } = await load(validate, {
    concurrency: 1,
    during: load(logIn, { concurrency: 8, count: 40 }),
  });
  bench.times('identity: validate while 8 log in, p50', [p50]);
  bench.times('identity: validate while 8 log in, p99', [p99]);
  for (const c of [1, 8]) await bench.sustained(`identity: catalog, c${c}`, catalog, c);
};
