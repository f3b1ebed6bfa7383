import Type, { type Static, type TSchema } from 'typebox';

const text = Type.String();

const domain = Type.Object({ id: Type.Optional(text), name: Type.Optional(text) });

const user = Type.Object({
  id: Type.Optional(text),
  name: Type.Optional(text),
  domain: Type.Optional(domain),
});

const scope = Type.Object({
  project: Type.Optional(
    Type.Object({ id: Type.Optional(text), name: Type.Optional(text), domain: Type.Optional(domain) }),
  ),
  domain: Type.Optional(domain),
  system: Type.Optional(Type.Object({ all: Type.Optional(Type.Boolean()) })),
  unscoped: Type.Optional(Type.Unknown()),
  'OS-TRUST:trust': Type.Optional(Type.Object({ id: Type.Optional(text) })),
});

/** One schema for both, so that what is wrong within an object is named as such. */
const orText = <S extends TSchema>(object: S) =>
  Type.Unsafe<Static<S> | string>({ ...object, type: ['object', 'string'] });

/** keystone/auth/schema.py, and the parts of application credentials that Keystone only finds out about later. */
export const authSchema = Type.Object({
  identity: Type.Object({
    methods: Type.Array(text),
    password: Type.Optional(
      Type.Object({
        user: Type.Optional(Type.Object({ ...user.properties, password: Type.Optional(text) })),
      }),
    ),
    token: Type.Optional(Type.Object({ id: text })),
    application_credential: Type.Optional(
      Type.Object({
        id: Type.Optional(text),
        name: Type.Optional(text),
        secret: Type.Optional(text),
        user: Type.Optional(user),
      }),
    ),
  }),
  scope: Type.Optional(orText(scope)),
});

export type AuthRequest = Static<typeof authSchema>;
export type AuthIdentity = AuthRequest['identity'];
export type UserReference = Static<typeof user>;
export type DomainReference = Static<typeof domain>;
export type ProjectReference = NonNullable<Static<typeof scope>['project']>;
