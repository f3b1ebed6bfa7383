import type { Values } from '#kit/config/options.ts';

import type { imageOptions } from '../options.ts';
import { collectionSchema, type JsonSchema } from '../schemas/collection.ts';

type Formats = Pick<Values<typeof imageOptions>, 'disk_formats' | 'container_formats'>;

const uuid = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});
const textOrNull = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: ['null', 'string'],
  description,
  ...more,
});
const readOnly = { readOnly: true };

/** Attributes every image has (glance/api/v2/images.py, get_base_properties). */
const attributes = (formats: Formats): Readonly<Record<string, JsonSchema>> => ({
  id: text('An identifier for the image', { pattern: uuid }),
  name: textOrNull('Descriptive name for the image', { maxLength: 255 }),
  status: text('Status of the image', {
    ...readOnly,
    enum: [
      'queued',
      'saving',
      'active',
      'killed',
      'deleted',
      'uploading',
      'importing',
      'pending_delete',
      'deactivated',
    ],
  }),
  visibility: text('Scope of image accessibility', { enum: ['community', 'public', 'private', 'shared'] }),
  protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
  os_hidden: {
    type: 'boolean',
    description: 'If true, image will not appear in default image list response.',
  },
  checksum: textOrNull('md5 hash of image contents.', { ...readOnly, maxLength: 32 }),
  os_hash_algo: textOrNull('Algorithm to calculate the os_hash_value', { ...readOnly, maxLength: 64 }),
  os_hash_value: textOrNull(
    'Hexdigest of the image contents using the algorithm specified by the os_hash_algo',
    { ...readOnly, maxLength: 128 },
  ),
  owner: textOrNull('Owner of the image', { maxLength: 255 }),
  size: { type: ['null', 'integer'], ...readOnly, description: 'Size of image file in bytes' },
  virtual_size: { type: ['null', 'integer'], ...readOnly, description: 'Virtual size of image in bytes' },
  container_format: textOrNull('Format of the container', { enum: [null, ...formats.container_formats] }),
  disk_format: textOrNull('Format of the disk', { enum: [null, ...formats.disk_formats] }),
  created_at: text('Date and time of image registration', readOnly),
  updated_at: text('Date and time of the last image modification', readOnly),
  tags: {
    type: 'array',
    description: 'List of strings related to the image',
    items: { type: 'string', maxLength: 255 },
  },
  direct_url: text('URL to access the image file kept in external store', readOnly),
  min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image.' },
  min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image.' },
  self: text('An image self url', readOnly),
  file: text('An image file url', readOnly),
  stores: text(
    'Store in which image data resides.  Only present when the operator has enabled multiple stores.  May be a comma-separated list of store identifiers.',
    readOnly,
  ),
  schema: text('An image schema url', readOnly),
  locations,
});

const locations: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      url: { type: 'string', maxLength: 255 },
      metadata: { type: 'object' },
      validation_data: {
        description:
          "Values to be used to populate the corresponding image properties. If the image status is not 'queued', values must exactly match those already contained in the image properties.",
        type: 'object',
        writeOnly: true,
        additionalProperties: false,
        properties: {
          checksum: { type: 'string', minLength: 32, maxLength: 32 },
          os_hash_algo: { type: 'string', maxLength: 64 },
          os_hash_value: { type: 'string', maxLength: 128 },
        },
        required: ['os_hash_algo', 'os_hash_value'],
      },
    },
    required: ['url', 'metadata'],
  },
  description: 'A set of URLs to access the image file kept in external store',
};

const guide = 'https://docs.openstack.org/python-glanceclient/latest/cli/property-keys.html';
const imageForAmi = (kind: string) =>
  textOrNull(
    `ID of image stored in Glance that should be used as the ${kind} when booting an AMI-style image.`,
    { pattern: uuid },
  );

/** Properties whose form is known (glance/etc/schema-image.json). */
const knownProperties: Readonly<Record<string, JsonSchema>> = {
  kernel_id: imageForAmi('kernel'),
  ramdisk_id: imageForAmi('ramdisk'),
  instance_uuid: text(
    'Metadata which can be used to record which instance this image is associated with. (Informational only, does not create an instance snapshot.)',
  ),
  architecture: text(`Operating system architecture as specified in ${guide}`),
  os_distro: text(`Common name of operating system distribution as specified in ${guide}`),
  os_version: text('Operating system version as specified by the distributor.'),
  description: text('A human-readable string describing this image.'),
  cinder_encryption_key_id: text(
    'Identifier in the OpenStack Key Management Service for the encryption key for the Block Storage Service to use when mounting a volume created from this image',
  ),
  cinder_encryption_key_deletion_policy: text(
    "States the condition under which the Image Service will delete the object associated with the 'cinder_encryption_key_id' image property.  If this property is missing, the Image Service will take no action",
    { enum: ['on_image_deletion', 'do_not_delete'] },
  ),
};

/** The schema of an image, which requests must match and clients may ask for. */
export const imageSchema = (formats: Formats): JsonSchema => ({
  name: 'image',
  properties: {
    ...attributes(formats),
    ...Object.fromEntries(
      Object.entries(knownProperties).map(([name, schema]) => [name, { ...schema, is_base: false }]),
    ),
  },
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
});

/** The schema of a list of images. */
export const imagesSchema = (formats: Formats): JsonSchema =>
  collectionSchema('images', imageSchema(formats));
