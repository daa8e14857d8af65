import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/**
 * A named pipe that is open for both ways until the test ends, so that nobody waits for the other end: what is written before somebody
 * reads is kept, and who still reads at the end of the test comes to its end too.
 */
export function openPipe(path: string): number {
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  onTestFinished(() => closeSync(fd));
  return fd;
}
