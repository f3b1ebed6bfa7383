import { badRequest, conflict, forbidden, notFound, overQuota } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { imageFor, targetOf } from '../images/lookup.ts';
import type { ImageRecord } from '../images/record.ts';
import type { Image } from '../service.ts';
import type { Member, MemberStatus } from './store.ts';
import { viewMember, viewMembers } from './view.ts';

const endpoint = endpointOf<Image>();

type AnyCall = Pick<Call<Image>, 'service' | 'auth' | 'allows'>;

/** https://docs.openstack.org/api-ref/image/v2/#sharing */
export const memberEndpoints = [
  endpoint({
    method: 'GET',
    path: '/images/{image_id}/members',
    policy: 'get_members',
    status: 200,
    load: (call) => {
      const id = call.params.image_id;
      const words = `Not allowed to list members for image ${id}: ${onlyShared}`;
      return sharedImage(call, 'get_members', id, () => forbidden(words));
    },
    target: (image, call) => targetOf(image, call.auth),
    handler: async (call) => {
      const members = await call.service.members.list(call.resource.id);
      return viewMembers(members.filter((member) => isSeen(call, call.resource, member)));
    },
  }),

  endpoint({
    method: 'POST',
    path: '/images/{image_id}/members',
    policy: 'add_member',
    status: 200,
    load: (call) => {
      const id = call.params.image_id;
      const words = `Not allowed to create members for image ${id}.`;
      return sharedImage(call, 'add_member', id, () => forbidden(words));
    },
    target: (image, call) => targetOf(image, call.auth),
    body: 'json',
    handler: async ({ service, resource, body }) => {
      const memberId = readMember(body);
      const quota = service.options.image_member_quota;
      const attempted = (await service.members.count(resource.id)) + 1;
      if (quota >= 0 && attempted > quota)
        throw overQuota(
          `Image member limit exceeded for image ${resource.id}: The limit has been exceeded on the number of allowed image members for this image. Attempted: ${attempted}, Maximum: ${quota}:`,
        );
      const made = await service.members.insert(resource.id, memberId);
      if (made === 'duplicate') throw conflict(`Member ${memberId} is duplicated for image ${resource.id}`);
      if (made === 'no image') throw notFound(`Image ${resource.id} not found.`);
      return viewMember(made);
    },
  }),

  endpoint({
    method: 'GET',
    path: '/images/{image_id}/members/{member_id}',
    policy: 'get_member',
    status: 200,
    load: async (call) => {
      const id = call.params.image_id;
      const image = await sharedImage(call, 'get_member', id, () => notFound(onlyShared));
      const found = { image, member: await memberOf(call, image, call.params.member_id) };
      if (!call.allows('get_member', targetOf(image, call.auth)))
        throw notFound('You are not authorized to complete get_member action.');
      return found;
    },
    target: ({ image }, call) => targetOf(image, call.auth),
    handler: ({ resource }) => viewMember(resource.member),
  }),

  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/members/{member_id}',
    policy: 'modify_member',
    status: 200,
    load: async (call) => {
      const id = call.params.image_id;
      const words = `Not allowed to update members for image ${id}.`;
      const image = await sharedImage(call, 'modify_member', id, () => forbidden(words));
      return { image, member: await memberOf(call, image, call.params.member_id) };
    },
    target: ({ image }, call) => targetOf(image, call.auth),
    body: 'json',
    handler: async ({ service, resource, body }) => {
      const { image, member } = resource;
      const changed = await service.members.setStatus(member, readStatus(body));
      if (!changed) throw noSuchMember(image, member.memberId);
      return viewMember(changed);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/images/{image_id}/members/{member_id}',
    policy: 'delete_member',
    status: 204,
    load: async (call) => {
      const id = call.params.image_id;
      const words = `Not allowed to delete members for image ${id}.`;
      const image = await sharedImage(call, 'delete_member', id, () => forbidden(words));
      return { image, member: await memberOf(call, image, call.params.member_id) };
    },
    target: ({ image }, call) => targetOf(image, call.auth),
    handler: async ({ service, resource }) => {
      const { image, member } = resource;
      if (!(await service.members.remove(image.id, member.memberId)))
        throw noSuchMember(image, member.memberId);
    },
  }),
];

const onlyShared = 'Only shared images have members.';

/** The image, which must be shared for it to have members. */
async function sharedImage(
  call: AnyCall,
  rule: string,
  id: string,
  refuse: () => Error,
): Promise<ImageRecord> {
  const image = await imageFor(call, rule, id, `Image ${id} not found.`);
  if (image.visibility !== 'shared') throw refuse();
  return image;
}

/** A member sees itself; the owner and administrators see all. */
const isSeen = (call: AnyCall, image: ImageRecord, member: Member): boolean =>
  image.owner === call.auth.projectId ||
  member.memberId === call.auth.projectId ||
  call.allows('context_is_admin');

async function memberOf(call: AnyCall, image: ImageRecord, memberId: string): Promise<Member> {
  const member = await call.service.members.find(image.id, memberId);
  if (!member || !isSeen(call, image, member)) throw noSuchMember(image, memberId);
  return member;
}

const noSuchMember = (image: ImageRecord, memberId: string) =>
  notFound(`${memberId} not found in the member list of the image ${image.id}.`);

function readMember(body: unknown): string {
  if (body === undefined) throw badRequest('Body expected in request.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Expected a member in the form: {"member": "image_id"}');
  const { member } = body as { member?: unknown };
  if (member === undefined) throw badRequest('Member to be added not specified');
  if (!member) throw badRequest("Member can't be empty");
  if (typeof member !== 'string' || member.length > 255)
    throw badRequest('Expected a member in the form: {"member": "image_id"}');
  return member;
}

const statuses: readonly unknown[] = ['pending', 'accepted', 'rejected'] satisfies MemberStatus[];

function readStatus(body: unknown): MemberStatus {
  if (body === undefined) throw badRequest('Body expected in request.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Expected a status in the form: {"status": "status"}');
  const { status } = body as { status?: unknown };
  if (status === undefined) throw badRequest('Status not specified');
  if (!statuses.includes(status))
    throw badRequest('Incorrect request: Status must be "pending", "accepted" or "rejected".');
  return status as MemberStatus;
}
