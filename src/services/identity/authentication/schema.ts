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

/** `auth` in the body of `POST /v3/auth/tokens`. The scope may also be the word `unscoped`; any other is refused. */
export type AuthRequest = Static<typeof authSchema>;

/**
 * Which methods to use, and what each is given. `oauth1` is given nothing: what it needs is in the request's headers.
 */
export type AuthIdentity = AuthRequest['identity'];

/** A user by id, or by name and domain. The schema asks for neither: {@link Lookup} tells what is missing. */
export type UserReference = Static<typeof user>;

/** A domain by id or by name; the name wins. */
export type DomainReference = Static<typeof domain>;

/** A project by id, or by name and domain. */
export type ProjectReference = NonNullable<Static<typeof scope>['project']>;
