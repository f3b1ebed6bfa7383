import Type from 'typebox';

const tenant = Type.Object(
  { tenant: Type.String({ minLength: 1, maxLength: 255 }) },
  { additionalProperties: false },
);

/** The body of the action `addTenantAccess` on a flavor. That the project exists is asked of Identity. */
export const addAccessBody = Type.Object({ addTenantAccess: tenant }, { additionalProperties: false });

/** The body of the action `removeTenantAccess` on a flavor. Also a project that is gone can be taken out. */
export const removeAccessBody = Type.Object({ removeTenantAccess: tenant }, { additionalProperties: false });
