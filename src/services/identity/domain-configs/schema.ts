import Type from 'typebox';

export const domainConfigBody = Type.Object({
  config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
