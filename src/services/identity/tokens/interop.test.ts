import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { KeyRepository } from './keys.ts';
import { packPayload, unpackPayload } from './payload.ts';

// Debian's own Python, for its packages are not to be found by any other
const python = '/usr/bin/python3';

const hasPackages = (): boolean => {
  try {
    execFileSync(python, ['-c', 'import cryptography.fernet, msgpack'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const run = (script: string, ...args: string[]): string =>
  execFileSync(python, ['-c', script, ...args], { encoding: 'utf8' }).trim();

const user = '0123456789abcdef0123456789abcdef';
const project = 'fedcba9876543210fedcba9876543210';
const payload = {
  userId: user,
  methods: ['password'],
  expiresAt: 1_900_000_000_000,
  auditIds: ['AAECAwQFBgcICQoLDA0ODw'],
  scope: { kind: 'project', id: project } as const,
};

describe.skipIf(!hasPackages())(
  "Fernet tokens and Python's cryptography (needs /usr/bin/python3 with python3-cryptography and python3-msgpack)",
  () => {
    const withKeys = (work: (keys: KeyRepository, primary: string) => void) => {
      const directory = mkdtempSync(join(tmpdir(), 'stratalith-interop-'));
      try {
        const keys = new KeyRepository(directory, 3);
        keys.open();
        work(keys, readFileSync(join(directory, '1'), 'utf8'));
      } finally {
        rmSync(directory, { recursive: true });
      }
    };

    test('Python reads a token made here', () => {
      withKeys((keys, primary) => {
        const token = keys.seal(packPayload(payload), 1_800_000_000);
        const script = `
import sys, uuid, base64, msgpack
from cryptography.fernet import Fernet
key, token = sys.argv[1:]
token += '=' * (-len(token) % 4)
version, user, methods, project, expires, audits = msgpack.unpackb(Fernet(key).decrypt(token.encode()))
print(version, uuid.UUID(bytes=user[1]).hex, methods, uuid.UUID(bytes=project[1]).hex, int(expires),
      base64.urlsafe_b64encode(audits[0]).decode().rstrip('='), Fernet(key).extract_timestamp(token.encode()))`;
        expect(run(script, primary, token)).toBe(
          `2 ${user} 2 ${project} 1900000000 ${payload.auditIds[0]} 1800000000`,
        );
      });
    });

    test('a token Python made is read here', () => {
      withKeys((keys, primary) => {
        const script = `
import sys, uuid, base64, msgpack
from cryptography.fernet import Fernet
key, user, project, audit = sys.argv[1:]
payload = (2, (True, uuid.UUID(user).bytes), 2, (True, uuid.UUID(project).bytes), 1900000000.0,
           [base64.urlsafe_b64decode(audit + '==')])
print(Fernet(key).encrypt_at_time(msgpack.packb(payload), 1800000000).rstrip(b'=').decode())`;
        const opened = keys.unseal(run(script, primary, user, project, payload.auditIds[0]!))!;
        expect(opened.createdAt).toBe(1_800_000_000);
        expect(unpackPayload(opened.payload)).toEqual(payload);
      });
    });
  },
);
