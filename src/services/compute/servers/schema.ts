import Type, { type TProperties } from 'typebox';

import { history, since, until } from '#kit/http/versioned-schema.ts';

import { boolean, description, hostName, integer, maxInteger, metadata, name } from '../fields.ts';
import {
  diskConfig,
  flavorRef,
  hostLabel,
  ipAddress,
  ipv4,
  ipv6,
  maxTags,
  nameOrNone,
  personality,
  tag,
  trustedCertificates,
  userData,
  uuid,
} from './fields.ts';

const strict = { additionalProperties: false };
const object = <P extends TProperties>(properties: P) => Type.Object(properties, strict);
const optional = Type.Optional;

const portId = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' });

const networkItem = <P extends TProperties>(more: P) =>
  Type.Array(object({ fixed_ip: optional(ipAddress), port: optional(portId), ...more }));

/** From 2.37 a list of interfaces, or `auto` or `none` instead. */
const orWord = <S extends object>(list: S) =>
  Type.Unsafe<'none' | 'auto' | (S extends { static: infer T } ? T : never)>({
    oneOf: [list, { type: 'string', enum: ['none', 'auto'] }],
  });

const plainNetworks = networkItem({ uuid: optional(Type.String()) });
const taggedNetworks = networkItem({ uuid: optional(Type.String()), tag: optional(tag) });
const uuidNetworks = networkItem({ uuid: optional(uuid) });
const taggedUuidNetworks = networkItem({ uuid: optional(uuid), tag: optional(tag) });

const networks = history(
  { until: '2.31', schema: plainNetworks },
  { since: '2.32', until: '2.36', schema: taggedNetworks },
  { since: '2.37', until: '2.41', schema: orWord(uuidNetworks), required: true },
  { since: '2.42', schema: orWord(taggedUuidNetworks), required: true },
);

const legacyDevice = {
  virtual_name: optional(Type.String({ maxLength: 255 })),
  volume_id: optional(uuid),
  snapshot_id: optional(uuid),
  volume_size: optional(integer(1, maxInteger)),
  device_name: optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._/-]*$' })),
  delete_on_termination: optional(boolean),
  no_device: optional(Type.Unknown()),
  connection_info: optional(Type.String({ maxLength: 16_777_215 })),
};

const word = Type.Optional(Type.String({ maxLength: 255 }));
const device = {
  ...legacyDevice,
  source_type: optional(
    Type.Unsafe<'volume' | 'image' | 'snapshot' | 'blank'>({
      type: 'string',
      enum: ['volume', 'image', 'snapshot', 'blank'],
    }),
  ),
  uuid: optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-]*$' })),
  image_id: optional(uuid),
  destination_type: optional(Type.Unsafe<'local' | 'volume'>({ type: 'string', enum: ['local', 'volume'] })),
  guest_format: word,
  device_type: word,
  disk_bus: word,
  boot_index: optional(
    Type.Unsafe<number | string | null>({ type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$' }),
  ),
  // Nova took tags of disks in 2.32, forgot them in 2.33, and took them again from 2.42 on
  tag: history({ since: '2.32', until: '2.32', schema: tag }, { since: '2.42', schema: tag }),
  volume_type: since('2.67', Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 255 })),
};

/** Scheduler hints: these are checked, others are let through. */
const hints = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  properties: {
    group: {
      oneOf: [
        { type: 'array', items: { type: 'string', format: 'uuid' } },
        { type: 'string', format: 'uuid' },
      ],
    },
    different_host: {
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'array', items: { type: 'string', format: 'uuid' } },
      ],
    },
    same_host: { type: ['string', 'array'], items: { type: 'string', format: 'uuid' } },
    query: { type: ['string', 'object'] },
    target_cell: name,
    different_cell: { type: ['string', 'array'], items: { type: 'string' } },
    build_near_host_ip: ipAddress,
    cidr: { type: 'string', pattern: '^/[0-9a-f.:]+$' },
  },
  additionalProperties: true,
});

const count = integer(1);
const hostname = history(
  { since: '2.90', until: '2.93', schema: hostLabel },
  { since: '2.94', schema: hostName },
);

/**
 * The body of `POST /servers`. `imageRef` may be empty, which once meant a boot from a volume; the hints go by two
 * names. nova/api/openstack/compute/schemas/servers.py
 */
export const createServerBody = object({
  server: object({
    name,
    imageRef: optional(Type.Unsafe<string>({ oneOf: [uuid, { type: 'string', maxLength: 0 }] })),
    flavorRef,
    adminPass: optional(Type.String()),
    metadata: optional(metadata),
    networks,
    'OS-DCF:diskConfig': optional(diskConfig),
    accessIPv4: optional(ipv4),
    accessIPv6: optional(ipv6),
    personality: until('2.56', personality),
    availability_zone: optional(name),
    block_device_mapping: optional(Type.Array(object(legacyDevice))),
    block_device_mapping_v2: optional(Type.Array(object(device))),
    config_drive: optional(boolean),
    key_name: optional(name),
    min_count: optional(count),
    max_count: optional(count),
    return_reservation_id: optional(boolean),
    security_groups: optional(Type.Array(Type.Object({ name: optional(name) }, strict))),
    user_data: optional(userData),
    description: since('2.19', description()),
    tags: since('2.52', Type.Array(tag, { maxItems: maxTags })),
    trusted_image_certificates: since('2.63', trustedCertificates),
    host: since('2.74', hostName),
    hypervisor_hostname: since('2.74', hostName),
    hostname,
  }),
  'os:scheduler_hints': optional(hints),
  'OS-SCH-HNT:scheduler_hints': optional(hints),
});

/** The body of `PUT /servers/{server_id}`, which may also say nothing. */
export const updateServerBody = object({
  server: object({
    name: optional(name),
    'OS-DCF:diskConfig': optional(diskConfig),
    accessIPv4: optional(ipv4),
    accessIPv6: optional(ipv6),
    description: since('2.19', description()),
    hostname,
    pinned_availability_zone: since('2.104', nameOrNone),
  }),
});

/** What a request for servers says, in whatever microversion: fields another version has are undefined. */
export type CreateServer = Type.Static<typeof createServerBody>['server'];

/** An item of `block_device_mapping_v2`; items of the older form are turned into these. */
export type RequestedDevice = NonNullable<CreateServer['block_device_mapping_v2']>[number];

/** What a request for a change says. Fields left out stay, null takes away what may be absent. */
export type UpdateServer = Type.Static<typeof updateServerBody>['server'];
