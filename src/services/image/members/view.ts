import { isoSeconds } from '#kit/clock/clock.ts';

import type { Member } from './store.ts';

/** A member as the API shows it. */
export const viewMember = (member: Member) => ({
  member_id: member.memberId,
  image_id: member.imageId,
  status: member.status,
  created_at: isoSeconds(member.createdAt),
  updated_at: isoSeconds(member.updatedAt),
  schema: '/v2/schemas/member',
});

/** The members of an image. */
export const viewMembers = (members: readonly Member[]) => ({
  members: members.map(viewMember),
  schema: '/v2/schemas/members',
});
