import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls back when the reader of the pipe on standard output has left. A write would tell that too, but a command may have nothing to print
 * for hours, and Node asks about no pipe that it only writes to. GNU's `tail -f` does, and is ended by SIGPIPE; it goes with this process,
 * however that ends. Where `tail` is another one, and of what is no pipe, this never calls. @returns what ends it.
 */
export function onReaderGone(call: () => void): () => void {
  if (!fstatSync(1).isFIFO()) return () => undefined;
  const args = ['-f', `--pid=${process.pid}`, '/dev/null'];
  const tail = spawn('tail', args, { stdio: ['ignore', 'inherit', 'ignore'] });
  tail.on('error', () => undefined);
  tail.on('exit', (_code, signal) => {
    if (signal === 'SIGPIPE') call();
  });
  tail.unref();
  return () => tail.kill();
}
