import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('members', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const share = (id: string, member: unknown, as?: string) =>
    client.post(`/images/${id}/members`, { member }, as);
  const answerShare = (id: string, member: string, status: unknown, as = 'stranger') =>
    client.send('PUT', `/images/${id}/members/${member}`, { body: { status }, as });

  test('are offered an image and answer', async () => {
    const { id } = await client.image({}, 'data');
    const offered = await share(id, 'project-b');
    expect([offered.status, offered.body]).toEqual([
      200,
      {
        member_id: 'project-b',
        image_id: id,
        status: 'pending',
        created_at: expect.stringMatching(/Z$/),
        updated_at: offered.body.created_at,
        schema: '/v2/schemas/member',
      },
    ]);
    // even before it answers, a member who knows the id may use the image
    expect((await client.get(`/images/${id}/file`, 'stranger')).body).toBe('data');
    expect(await client.names('', 'stranger')).toEqual([]);
    client.running.clock.advance(3000);
    const accepted = await answerShare(id, 'project-b', 'accepted');
    expect(accepted.body).toMatchObject({ status: 'accepted', created_at: offered.body.created_at });
    expect(accepted.body.updated_at > offered.body.updated_at).toBe(true);
    expect(await client.names('', 'stranger')).toEqual(['an image']);
    expect((await client.get(`/images/${id}/members/project-b`)).body.status).toBe('accepted');
    expect((await client.delete(`/images/${id}/members/project-b`)).status).toBe(204);
    expect((await client.get(`/images/${id}`, 'stranger')).status).toBe(404);
  });

  test('see themselves; the owner and administrators see all', async () => {
    const { id } = await client.image();
    for (const member of ['project-b', 'project-x']) await share(id, member);
    const seen = async (as: string) => {
      const { body } = await client.get(`/images/${id}/members`, as);
      return body.members.map((member: { member_id: string }) => member.member_id);
    };
    expect(await seen('reader')).toEqual(['project-b', 'project-x']);
    expect(await seen('admin')).toEqual(['project-b', 'project-x']);
    expect(await seen('stranger')).toEqual(['project-b']);
    expect((await client.get(`/images/${id}/members`)).body.schema).toBe('/v2/schemas/members');
    const other = await client.get(`/images/${id}/members/project-x`, 'stranger');
    expect([other.status, other.body]).toEqual([
      404,
      expect.stringContaining(`project-x not found in the member list of the image ${id}.`),
    ]);
  });

  test('do what is theirs only', async () => {
    const { id } = await client.image();
    await share(id, 'project-b');
    expect((await share(id, 'project-x', 'stranger')).status).toBe(403);
    expect((await client.delete(`/images/${id}/members/project-b`, 'stranger')).status).toBe(403);
    const byOwner = await answerShare(id, 'project-b', 'accepted', 'member');
    expect([byOwner.status, byOwner.body]).toEqual([
      403,
      expect.stringContaining('You are not authorized to complete modify_member action.'),
    ]);
    expect((await answerShare(id, 'project-b', 'accepted', 'admin')).status).toBe(200);
    expect((await share(id, 'project-x', 'nobody')).status).toBe(404);
  });

  test('are there once, and only of shared images', async () => {
    const { id } = await client.image();
    await share(id, 'project-b');
    const again = await share(id, 'project-b');
    expect([again.status, again.body]).toEqual([
      409,
      expect.stringContaining(`Member project-b is duplicated for image ${id}`),
    ]);
    const { id: secret } = await client.image({ visibility: 'private' });
    expect((await share(secret, 'project-b')).status).toBe(403);
    const list = await client.get(`/images/${secret}/members`);
    expect([list.status, list.body]).toEqual([
      403,
      expect.stringContaining('Only shared images have members.'),
    ]);
    const shown = await client.get(`/images/${secret}/members/project-b`);
    expect([shown.status, shown.body]).toEqual([
      404,
      expect.stringContaining('Only shared images have members.'),
    ]);
    expect((await client.delete(`/images/${id}/members/project-x`)).status).toBe(404);
    expect((await client.get('/images/nothing/members')).body).toContain('Image nothing not found.');
  });

  test.each([
    [undefined, 'Body expected in request.'],
    [[], 'Expected a member in the form:'],
    [{}, 'Member to be added not specified'],
    [{ member: '' }, 'Member can&#x27;t be empty'],
    [{ member: 5 }, 'Expected a member in the form:'],
  ])('refuses %j', async (body, words) => {
    const { id } = await client.image();
    const answer = await client.post(`/images/${id}/members`, body);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(words)]);
  });

  test.each([
    ['maybe', 'Incorrect request: Status must be &quot;pending&quot;, &quot;accepted&quot; or'],
    [undefined, 'Status not specified'],
  ])('refuses the status %s', async (status, words) => {
    const { id } = await client.image();
    await share(id, 'project-b');
    const answer = await answerShare(id, 'project-b', status);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(words)]);
  });

  test('are no more than the quota', async () => {
    const { id } = await client.image();
    for (let i = 0; i < 128; i++) expect((await share(id, `project-${i}`)).status).toBe(200);
    const answer = await share(id, 'one-more');
    expect([answer.status, answer.body]).toEqual([
      413,
      expect.stringContaining('Attempted: 129, Maximum: 128'),
    ]);
  });
});
