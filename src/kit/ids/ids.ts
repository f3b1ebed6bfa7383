import { randomBytes, randomUUID } from 'node:crypto';

/** A random UUID with dashes: servers, ports, images, requests. */
export const newUuid = (): string => randomUUID();

/** A random UUID without dashes: Keystone's ids (projects, users, roles …). */
export const newHexId = (): string => randomUUID().replaceAll('-', '');

/** `req-` and a UUID, the form every OpenStack service gives a request. */
export const newRequestId = (): string => `req-${randomUUID()}`;

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Whether `text` is a UUID, with or without dashes (oslo's `is_uuid_like`). */
export const isUuidLike = (text: unknown): text is string =>
  typeof text === 'string' && uuidPattern.test(text);

const requestIdPattern = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of a request id; an inbound global request id of another form is ignored. */
export const isRequestId = (text: unknown): text is string =>
  typeof text === 'string' && requestIdPattern.test(text);

/** `bytes` random bytes as URL-safe base64 without padding: secrets and one-time tokens. */
export const newSecret = (bytes = 32): string => randomBytes(bytes).toString('base64url');
