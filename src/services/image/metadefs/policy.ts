import { rule } from '#kit/auth/policy.ts';

import { admin, adminOrReader, adminOrReaderOfNamespace, projectRule } from '../policy.ts';

const metadefAdmin = 'rule:metadef_admin';

const reading = (name: string, description: string) =>
  projectRule(name, adminOrReaderOfNamespace, description);
const writing = (name: string, description: string) => projectRule(name, metadefAdmin, description);

/** glance/policies/metadef.py */
export const metadefPolicies = [
  rule('metadef_default', '', 'What an operator’s policy file may refer to.'),
  rule('metadef_admin', admin, 'Who writes metadata definitions.'),
  reading('get_metadef_namespace', 'Get a specific namespace.'),
  projectRule('get_metadef_namespaces', adminOrReader, 'List namespaces.'),
  writing('modify_metadef_namespace', 'Modify an existing namespace.'),
  writing('add_metadef_namespace', 'Create a namespace.'),
  writing('delete_metadef_namespace', 'Delete a namespace.'),
  reading('get_metadef_object', 'Get a specific object from a namespace.'),
  reading('get_metadef_objects', 'Get objects from a namespace.'),
  writing('modify_metadef_object', 'Update an object within a namespace.'),
  writing('add_metadef_object', 'Create an object within a namespace.'),
  writing('delete_metadef_object', 'Delete an object within a namespace.'),
  reading('list_metadef_resource_types', 'List resource types.'),
  reading('get_metadef_resource_type', 'Get resource type associations.'),
  writing('add_metadef_resource_type_association', 'Create a resource type association.'),
  writing('remove_metadef_resource_type_association', 'Delete a resource type association.'),
  reading('get_metadef_property', 'Get a specific property.'),
  reading('get_metadef_properties', 'List properties.'),
  writing('modify_metadef_property', 'Update a property.'),
  writing('add_metadef_property', 'Create a property.'),
  writing('remove_metadef_property', 'Delete a property.'),
  reading('get_metadef_tag', 'Get a tag.'),
  reading('get_metadef_tags', 'List tags.'),
  writing('modify_metadef_tag', 'Update a tag.'),
  writing('add_metadef_tag', 'Add a tag.'),
  writing('add_metadef_tags', 'Create tags.'),
  writing('delete_metadef_tag', 'Delete a tag.'),
  writing('delete_metadef_tags', 'Delete tags.'),
];
