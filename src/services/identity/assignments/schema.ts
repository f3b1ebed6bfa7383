import Type from 'typebox';

import { idReference } from '../fields.ts';

const any = Type.Optional(Type.String());

/** keystone/assignment/schema.py; what excludes what is told in Keystone's own words later. */
export const listRoleAssignmentsQuery = Type.Object({
  effective: any,
  include_names: any,
  include_subtree: any,
  'role.id': Type.Optional(idReference),
  'user.id': any,
  'group.id': Type.Optional(idReference),
  'scope.project.id': Type.Optional(idReference),
  'scope.domain.id': Type.Optional(idReference),
  'scope.system': any,
  'scope.OS-INHERIT:inherited_to': any,
});
