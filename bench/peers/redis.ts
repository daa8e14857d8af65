import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { NotMeasured } from '../harness/case.ts';
import { findProgram, freePort, type Server, startServer } from '../harness/server.ts';

/** Redis that writes nothing to disk: no append-only file, no snapshots. @throws NotMeasured when it is not installed. */
export async function startRedis(scratch: string): Promise<Server> {
  const program = findProgram('redis-server', 'REDIS_SERVER');
  if (!program) {
    throw new NotMeasured('redis-server is not on PATH; install it or set REDIS_SERVER to its path');
  }
  const port = await freePort();
  const dir = mkdtempSync(join(scratch, 'redis-'));
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--appendonly',
    'no',
    '--save',
    '',
  ];
  return startServer(program, args, { port, ready: 'Ready to accept connections', stopSignal: 'SIGTERM' });
}
