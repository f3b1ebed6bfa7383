import Type from 'typebox';
import { describe, expect, test } from 'vitest';

import { Validator } from './validation.ts';

describe('validation', () => {
  const validator = new Validator(
    Type.Object(
      {
        name: Type.String({ maxLength: 3 }),
        amounts: Type.Optional(Type.Unsafe({ $ref: '#/$defs/amounts' })),
      },
      {
        additionalProperties: false,
        $defs: {
          amounts: {
            type: 'object',
            patternProperties: { '^[A-Z]+$': { type: 'integer' } },
            additionalProperties: false,
          },
        },
      },
    ),
  );

  test('a problem names the value, the keyword and where both stand', () => {
    expect(validator.check({ name: 'long' }, 0)).toEqual({
      path: ['name'],
      value: 'long',
      message: "'long' is too long",
      keyword: 'maxLength',
      schemaPath: ['properties', 'name'],
    });
    expect(validator.check({ name: 'a' }, 0)).toBeUndefined();
  });

  test.each([
    [{ minLength: 1 }, '', "'' should be non-empty"],
    [{ minLength: 2 }, '', "'' is too short"],
    [{ maxLength: 0 }, 'a', "'a' is expected to be empty"],
    [{ minItems: 1 }, [], '[] should be non-empty'],
    [{ maxItems: 0 }, [1], '[1] is expected to be empty'],
    [{ minProperties: 1 }, {}, '{} should be non-empty'],
    [{ exclusiveMinimum: 0 }, 0, '0 is less than or equal to the minimum of 0'],
    [{ exclusiveMaximum: 3 }, 3, '3 is greater than or equal to the maximum of 3'],
    [{ pattern: '^[\\- a]+$' }, 'b\n', "'b\\n' does not match '^[\\\\- a]+$'"],
    [
      { type: 'integer' },
      'it\'s "\u00e9\u00a0\u2028"',
      `'it\\'s "\u00e9\\xa0\\u2028"' is not of type 'integer'`,
    ],
  ])('%o says of %o: %s', (schema, value, message) => {
    expect(new Validator(Type.Unsafe(schema)).check(value, 0)?.message).toBe(message);
  });

  test('of several problems the one is told that jsonschema meets first', () => {
    const item = Type.Object({
      size: Type.String({ pattern: '^[0-9]+$', minLength: 1 }),
      'a:b': Type.String(),
    });
    const first = (value: unknown) => new Validator(Type.Object({ items: Type.Array(item) })).check(value, 0);
    // keyword after keyword, as they are written
    expect(first({ items: [{ size: '', 'a:b': '' }] })?.keyword).toBe('pattern');
    // properties before what is missing, and item after item
    expect(first({ items: [{ 'a:b': 1 }] })?.path).toEqual(['items', '0', 'a:b']);
    expect(first({ items: [{}, { size: 1, 'a:b': '' }] })?.message).toBe("'size' is a required property");
    // a choice as a whole, not what its parts failed for
    const choice = new Validator(Type.Object({ a: Type.Union([Type.String(), Type.Null()]) }));
    expect(choice.check({ a: 1 }, 0)?.message).toBe('1 is not valid under any of the given schemas');
  });

  test('what no property takes is unexpected, what no pattern takes does not match', () => {
    expect(validator.check({ name: 'a', b: 1 }, 0)?.message).toBe(
      "Additional properties are not allowed ('b' was unexpected)",
    );
    expect(validator.check({ name: 'a', c: 2, b: 1 }, 0)?.message).toBe(
      "Additional properties are not allowed ('b', 'c' were unexpected)",
    );
    expect(validator.check({ name: 'a', amounts: { b: 1 } }, 0)?.message).toBe(
      "'b' does not match any of the regexes: '^[A-Z]+$'",
    );
    expect(validator.check({ name: 'a', amounts: { c: 2, B: 3, b: 1 } }, 0)?.message).toBe(
      "'b', 'c' do not match any of the regexes: '^[A-Z]+$'",
    );
  });
});
