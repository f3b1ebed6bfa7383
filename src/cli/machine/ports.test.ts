import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { layoutOf, standardPorts } from '#contracts/machine.ts';
import { processId } from '#kit/process/proc.ts';
import { parseConfig } from '#main/config.ts';

import { checkPorts, takenPorts } from './ports.ts';

test('a taken port is told with its owner, unless that is ours from before', async () => {
  const data = mkdtempSync(join(tmpdir(), 'stratalith-ports-'));
  const layout = layoutOf(data);
  const script =
    "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))";
  const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(owner.stdout, 'data')) as [Buffer];
    const port = Number(said.toString());
    const free = Object.fromEntries(Object.keys(standardPorts).map((name, i) => [name, 65_500 + i]));
    const config = { ...parseConfig(''), ports: { ...parseConfig('').ports, ...free, image: port } };
    expect(takenPorts(layout, config)).toEqual([
      {
        text: expect.stringMatching(
          `^port ${port} \\(image\\) at 127.0.0.1: pid ${owner.pid}, .*createServer`,
        ),
        mend: `kill ${owner.pid}`,
      },
    ]);
    expect(() => checkPorts(layout, config)).toThrow('the cloud cannot listen');
    const elsewhere = { ...config, api: { ...config.api, listen: '127.0.0.2' } };
    expect(takenPorts(layout, elsewhere)).toEqual([]);
    mkdirSync(layout.run);
    writeFileSync(layout.processes, JSON.stringify([{ name: 'control', id: processId(owner.pid!) }]));
    expect(takenPorts(layout, config)).toEqual([]);
  } finally {
    owner.kill();
    rmSync(data, { recursive: true });
  }
});

test('an address of another machine is refused', () => {
  const config = parseConfig('[api]\nlisten = "192.0.2.1"');
  expect(() => checkPorts(layoutOf('/nowhere'), config)).toThrow(
    '192.0.2.1: it is no address of this machine',
  );
});
