import { fstatSync, readFileSync } from 'node:fs';
import { isWatched } from '../terminal.ts';

/**
 * Whether a board can stand at the foot of the terminal on standard error. Not where standard output is a pipe: `| tee log` writes to the same
 * terminal, and nobody tells when.
 */
export function hasPlaceForBoard(env: NodeJS.ProcessEnv): boolean {
  return isWatched(process.stderr, env) && !isPipe(process.stdout, 1);
}

function isPipe(stream: NodeJS.WriteStream, fd: number): boolean {
  if (stream.isTTY) return false;
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

/** Whether the terminal is this process's to write on: that of a job in the background is its shell's. Where it cannot be told (macOS), it is. */
export function isInForeground(): boolean {
  try {
    // The program's name may hold blanks and brackets; behind it come state, parent, group, session, terminal and that one's group.
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === terminalGroup || terminalGroup === '-1';
  } catch {
    return true;
  }
}
