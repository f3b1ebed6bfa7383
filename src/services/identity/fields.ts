import Type from 'typebox';

/** Field schemas that several nouns share, as in keystone/api/validation/parameter_types.py. */

export const description = Type.String({ maxLength: 255 });
