import { expect, test } from 'vitest';

import { ConfigError, describeConfig, flag, list, number, oneOf, readConfig, text } from './options.ts';

const sections = {
  api: { listen: text('127.0.0.1', 'Address.'), port: number(5000, 'Port.', { min: 1, max: 65_535 }) },
  compute: {
    virt: oneOf(['qemu', 'sim'], 'qemu', 'Driver.'),
    force: flag(false, 'Force.'),
    filters: list(['a'], 'Filters.'),
  },
};

test('defaults, and what the file says', () => {
  const config = readConfig(sections, '[compute]\nvirt = "sim"\nfilters = ["b", "c"]\n');
  expect(config).toEqual({
    api: { listen: '127.0.0.1', port: 5000 },
    compute: { virt: 'sim', force: false, filters: ['b', 'c'] },
  });
});

test.each([
  ['[nope]', /\[nope\]: no such section/],
  ['[api]\nlisten_on = "x"', /\[api\] listen_on: no such option/],
  [
    '[api]\nport = 0\nlisten = 3',
    /listen: expected text, got 3\n.*port: expected a number from 1 to 65535, got 0/,
  ],
  ['[compute]\nvirt = "xen"', /expected one of qemu, sim, got "xen"/],
  ['not toml', /not TOML/],
  ['api = 3', /api: expected a section, written \[api\]/],
  ['[[api]]', /api: expected a section, written \[api\]/],
  ['[constructor]', /\[constructor\]: no such section/],
  ['[api]\ntoString = "x"', /\[api\] toString: no such option/],
])('%j is refused', (toml, message) => {
  expect(() => readConfig(sections, toml)).toThrow(ConfigError);
  expect(() => readConfig(sections, toml)).toThrow(message);
});

test('the reference lists every option with its default', () => {
  expect(describeConfig(sections)).toContain('| `virt` | `"qemu"` | Driver. One of `qemu`, `sim`. |');
});
