import Type from 'typebox';

const tenant = Type.Object(
  { tenant: Type.String({ minLength: 1, maxLength: 255 }) },
  { additionalProperties: false },
);

export const addAccessBody = Type.Object({ addTenantAccess: tenant }, { additionalProperties: false });
export const removeAccessBody = Type.Object({ removeTenantAccess: tenant }, { additionalProperties: false });
