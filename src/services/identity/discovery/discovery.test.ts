import { afterAll, beforeAll, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

const databases = sqliteDatabases();
let cloud: ServedIdentity;
beforeAll(async () => {
  cloud = await serveIdentity(await databases.open());
});
afterAll(() => cloud.close());

test('the versions are told without a token', async () => {
  const self = `${cloud.client.origin}/v3/`;
  const version = expect.objectContaining({ status: 'stable', links: [{ rel: 'self', href: self }] });
  const root = await cloud.client.get('//', { as: '' });
  expect(root.status).toBe(300);
  expect(root.headers.get('location')).toBe(self);
  expect(root.body).toEqual({ versions: { values: [version] } });
  for (const path of ['', '/']) {
    const v3 = await cloud.client.get(path, { as: '' });
    expect(v3.status).toBe(200);
    expect(v3.body).toEqual({ version });
  }
  expect((await cloud.client.head('//', { as: '' })).status).toBe(300);
});

test('HEAD is answered wherever GET is, with the same headers and no body', async () => {
  const get = await cloud.client.get('/regions');
  const head = await cloud.client.head('/regions');
  expect([head.status, head.body]).toEqual([200, '']);
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
});

test('a body that is not JSON is refused in the words Keystone uses', async () => {
  const post = async (body: string, type: string) => {
    const headers = { 'content-type': type };
    const answer = await cloud.client.post('/regions', body, { headers });
    expect(answer.status).toBe(400);
    return answer.body.error.message;
  };
  expect(await post('{', 'application/json')).toMatch(/^Expecting to find valid JSON in request body\./);
  expect(await post('null', 'application/json')).toMatch(/^Expecting to find valid JSON in request body\./);
  expect(await post('', 'application/json')).toBe("'region' is a required property");
  expect(await post('<a/>', 'text/xml')).toMatch(
    /^Expecting to find application\/json in Content-Type header\./,
  );
});

test('paths and methods that are not there are answered as Flask does', async () => {
  const path = await cloud.client.get('/nothing', { as: '' });
  expect([path.status, path.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  expect(path.body).toContain('<p>The requested URL was not found on the server.');
  const method = await cloud.client.send('PATCH', '/regions', { as: '' });
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
  expect(method.body).toEqual({ message: 'The method is not allowed for the requested URL.' });
  const options = await cloud.client.send('OPTIONS', '/regions', { as: '' });
  expect([options.status, options.body, options.headers.get('allow')]).toEqual([
    200,
    '',
    'GET, POST, HEAD, OPTIONS',
  ]);
});

test('what is not there is told in the form Keystone uses', async () => {
  const answer = await cloud.client.get('/regions/nothing');
  expect(answer.status).toBe(404);
  expect(answer.body.error).toMatchObject({ code: 404, title: 'Not Found' });
  const refused = await cloud.client.get('/users', { as: 'no token' });
  expect(refused.headers.get('www-authenticate')).toBe(`Keystone uri="${cloud.client.origin}/v3"`);
  expect(refused.body.error).toEqual({
    code: 401,
    title: 'Unauthorized',
    message: 'The request you have made requires authentication.',
  });
});
