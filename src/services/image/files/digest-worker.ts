import { createHash, type Hash } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';

import type { DigestAnswer, DigestRequest } from './digest-threads.ts';

/** A thread that hashes streams of bytes found in shared memory. */
interface Stream {
  readonly hash: Hash;
  readonly memory: SharedArrayBuffer;
}

// requests come first: on Linux this is of the thread alone
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const streams = new Map<number, Stream>();

parentPort!.on('message', (request: DigestRequest) => {
  const answer = handle(request);
  if (answer) parentPort!.postMessage(answer, []);
});

function handle(request: DigestRequest): DigestAnswer | undefined {
  const { stream } = request;
  if (request.kind === 'open') {
    streams.set(stream, { hash: createHash(request.algorithm), memory: request.memory });
    return undefined;
  }
  const { hash, memory } = streams.get(stream)!;
  if (request.kind === 'update') {
    hash.update(new Uint8Array(memory, request.offset, request.length));
    return { stream };
  }
  streams.delete(stream);
  return request.kind === 'finish' ? { stream, digest: hash.digest('hex') } : undefined;
}
