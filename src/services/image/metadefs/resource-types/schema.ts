import { collectionSchema, type JsonSchema } from '../../schemas/collection.ts';
import { timestamp } from '../definitions.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description, maxLength: 80 });

/** The schema of a resource type association (glance/api/v2/metadef_resource_types.py). */
export const associationSchema: JsonSchema = {
  name: 'resource_type_association',
  properties: {
    name: text(
      'Resource type names should be aligned with Heat resource types whenever possible: https://docs.openstack.org/heat/latest/template_guide/openstack.html',
    ),
    prefix: text(
      'Specifies the prefix to use for the given resource type. Any properties in the namespace should be prefixed with this prefix when being applied to the specified resource type. Must include prefix separator (e.g. a colon :).',
    ),
    properties_target: text(
      'Some resource types allow more than one key / value pair per instance.  For example, Cinder allows user and image metadata on volumes. Only the image properties metadata is evaluated by Nova (scheduling or drivers). This property allows a namespace target to remove the ambiguity.',
    ),
    created_at: timestamp('Date and time of resource type association'),
    updated_at: timestamp('Date and time of the last resource type association modification'),
  },
  additionalProperties: false,
  required: ['name'],
};

/** The schema of the associations of a namespace. */
export const associationsSchema = collectionSchema('resource_type_associations', associationSchema);
