import { authentication, type BenchCloud } from '../cloud.ts';
import { load, type Shot } from '../load.ts';
import type { Points } from '../service-points.ts';

/** How many log in for the first time: one after the other, eight at once, and while tokens are validated. */
const newcomers = { c1: 10, c8: 40, meanwhile: 40 };

/** Tokens issued and validated, and the catalog. */
export const identity: Points = async (cloud, bench) => {
  const { authUrl, headers, password } = cloud;
  const url = `${authUrl}/auth/tokens`;
  const logIn = (user: string): Shot => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: authentication(password, user),
  });
  const validate = { url, headers: { ...headers, 'x-subject-token': headers['x-auth-token']! } };
  const catalog = { url: `${authUrl}/auth/catalog`, headers };
  // whose password was not seen yet; each can be that once
  const users = await makeUsers(cloud, newcomers.c1 + newcomers.c8 + newcomers.meanwhile);
  const firstTime = (): Shot => logIn(users.pop()!);
  await bench.counted('identity: issue a token, first time, c1', firstTime, 1, newcomers.c1);
  await bench.counted('identity: issue a token, first time, c8', firstTime, 8, newcomers.c8);
  for (const c of [1, 8]) await bench.sustained(`identity: issue a token, again, c${c}`, logIn('admin'), c);
  for (const c of [1, 8]) await bench.sustained(`identity: validate a token, c${c}`, validate, c);
  const { p50, p99 } = await load(validate, {
    concurrency: 1,
    during: load(firstTime, { concurrency: 8, count: newcomers.meanwhile }),
  });
  bench.times('identity: validate while 8 log in, p50', [p50]);
  bench.times('identity: validate while 8 log in, p99', [p99]);
  for (const c of [1, 8]) await bench.sustained(`identity: catalog, c${c}`, catalog, c);
};

/** Users of project `admin` who have the administrator's password. */
async function makeUsers(
  { authUrl, password, projectId, call }: BenchCloud,
  count: number,
): Promise<string[]> {
  const { roles } = await call('GET', `${authUrl}/roles?name=member`);
  const make = async (n: number): Promise<string> => {
    const name = `bench-${n}`;
    const { user } = await call('POST', `${authUrl}/users`, { user: { name, password } });
    await call('PUT', `${authUrl}/projects/${projectId}/users/${user.id}/roles/${roles[0].id}`);
    return name;
  };
  return Promise.all(Array.from({ length: count }, (_, n) => make(n)));
}
