import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function where(...words: string[]): string[] {
  try {
    const output = execFileSync(process.execPath, [join(root, 'scripts/where.ts'), ...words], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.trim().split('\n');
  } catch {
    return [];
  }
}

describe('npm run where', () => {
  test('names file and line of an endpoint', () => {
    expect(where('POST /regions')).toEqual([
      expect.stringMatching(/^identity {2}POST \/regions {2}src\/services\/identity\/regions\/api\.ts:\d+$/),
    ]);
    expect(where('get', '/v3/regions/RegionOne')).toHaveLength(1);
  });

  test('finds endpoints by words, and says when there are none', () => {
    expect(where('patch', 'region')[0]).toContain('PATCH /regions/{region_id}');
    expect(where('GET /nowhere')).toEqual([]);
    expect(where()).toEqual([]);
  });
});
