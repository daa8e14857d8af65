import { cutStart } from '../model/text.ts';
import type { CommandEnd } from './run-command.ts';

/** How a command ended, as the end of a sentence that names it: `exited with 3`. */
export function describeEnd(end: CommandEnd): string {
  switch (end.type) {
    case 'exited':
      return `exited with ${end.status}`;
    case 'signalled':
      return `was ended by ${end.signal}`;
    case 'timed-out':
      return `did not end within ${end.timeoutMs / 1000} s`;
    case 'idle':
      return `wrote nothing for ${end.idleMs / 1000} s`;
    case 'aborted':
      return 'was aborted';
    case 'too-much-output':
      return `wrote more than ${size(end.maxOutputBytes)}`;
    case 'not-started':
      return `could not be started: ${end.message}`;
  }
}

const MOST_LINES = 3;
const MOST_CHARACTERS = 500;

/** The last three lines that say something, on one line of 500 characters at most. */
export function lastLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const last = lines
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .join(' | ');
  return cutStart(last, MOST_CHARACTERS);
}

function size(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes} bytes` : `${Math.floor(bytes / 2 ** 20)} MiB`;
}
