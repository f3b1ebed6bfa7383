import { describe, expect, test } from 'vitest';

import { badRequest } from '../errors/cloud-error.ts';
import { negotiate, versionHeaders } from './microversion.ts';

const scheme = { min: '2.1', max: '2.9', serviceType: 'library' } as const;
const asking = (version: string) => ({ 'openstack-api-version': `library ${version}` });

describe('negotiation', () => {
  test('no header is the oldest version, latest the newest', () => {
    expect(negotiate(scheme, {})).toBe(2_001);
    expect(negotiate(scheme, asking('latest'))).toBe(2_009);
    expect(negotiate(scheme, asking('2.5'))).toBe(2_005);
  });

  test.each([
    ['2.10', 'notAcceptable'],
    ['1.0', 'notAcceptable'],
    ['pony', 'badRequest'],
  ])('%s is refused', (version, kind) => {
    expect(() => negotiate(scheme, asking(version))).toThrow(expect.objectContaining({ kind }));
  });

  test.each([
    ['the last of several counts', 'library 2.2, other 2.3, library 2.5, other 2.6', 2_005],
    ['services are named in any case', 'Library 2.5', 2_005],
    ['another service’s version is none', 'other 2.5', 2_001],
    ['a service without a version says nothing', 'library', 2_001],
  ])('%s', (_, header, version) => {
    expect(negotiate(scheme, { 'openstack-api-version': header })).toBe(version);
  });

  test('more than a version is none', () => {
    expect(() => negotiate(scheme, asking('2.5 2.6'))).toThrow('API Version String 2.5 2.6 is of invalid');
  });

  test('of the old header, too, the last counts, unless the new one says something', () => {
    const both = { ...scheme, legacyHeader: 'X-Library-Version' };
    expect(negotiate(both, { 'x-library-version': '2.2, 2.5' })).toBe(2_005);
    expect(negotiate(both, { ...asking('2.3'), 'x-library-version': '2.5' })).toBe(2_003);
    expect(negotiate(both, { 'openstack-api-version': 'other 2.3', 'x-library-version': '2.5' })).toBe(2_005);
    expect(() => negotiate(both, { 'x-library-version': '' })).toThrow('API Version String');
  });

  test('a service may word refusals itself', () => {
    const worded = { ...scheme, refusal: (asked: string) => badRequest(`what is ${asked}?`) };
    for (const version of ['2.10', 'pony', '0.5'])
      expect(() => negotiate(worded, asking(version))).toThrow(`what is ${version}?`);
  });

  test('answers name the version and what they vary by', () => {
    expect(versionHeaders({ ...scheme, vary: 'x' }, 2_005)).toEqual({
      'openstack-api-version': 'library 2.5',
      vary: 'x',
    });
  });
});
