import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Session } from '../../src/process/session.ts';

test('an id that went to another process after its leader ended is not signalled', async () => {
  const other = spawn('cat', { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(other, 'spawn');
  const session = new Session(other.pid!, 'a mark');
  session.leaderEnded();
  session.signal('SIGKILL');
  other.stdin.end('still here');
  const [status, signal] = await once(other, 'exit');
  expect([status, signal]).toEqual([0, null]);
});
