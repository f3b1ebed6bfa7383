import { expect, test } from 'vitest';

import { Metrics } from './metrics.ts';

test('counters and gauges, with labels and without', () => {
  const metrics = new Metrics();
  metrics.count('failures_total', 'Failures.', { loop: 'a"b' });
  metrics.count('failures_total', 'Failures.', { loop: 'a"b' }, 2);
  metrics.onCollect(() => metrics.gauge('servers', 'Servers.', 7));
  expect(metrics.render()).toBe(
    `# HELP failures_total Failures.
# TYPE failures_total counter
failures_total{loop="a_b"} 3
# HELP servers Servers.
# TYPE servers gauge
servers 7
`,
  );
});

test('each bucket of a histogram counts those before it', () => {
  const metrics = new Metrics();
  for (const ms of [0.5, 1, 3, 20_000]) metrics.observe('took_ms', 'Took.', ms, { route: '/' });
  const lines = metrics.render().split('\n');
  const counted = (le: string) =>
    lines
      .find((line) => line.includes(`le="${le}"`))
      ?.split(' ')
      .at(-1);
  expect(['1', '2', '5', '10000', '+Inf'].map(counted)).toEqual(['2', '2', '3', '3', '4']);
  expect(lines).toContain('took_ms_sum{route="/"} 20004.5');
  expect(lines).toContain('took_ms_count{route="/"} 4');
});
