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
