import { expect, test } from 'vitest';
import { describeEnd, lastLines } from '../../src/process/describe-end.ts';
import type { CommandEnd } from '../../src/process/run-command.ts';

test.each<[CommandEnd, string]>([
  [{ type: 'exited', status: 3 }, 'exited with 3'],
  [{ type: 'signalled', signal: 'SIGSEGV' }, 'was ended by SIGSEGV'],
  [{ type: 'timed-out', timeoutMs: 1500 }, 'did not end within 1.5 s'],
  [{ type: 'aborted' }, 'was aborted'],
  [{ type: 'too-much-output', maxOutputBytes: 1000 }, 'wrote more than 1000 bytes'],
  [{ type: 'too-much-output', maxOutputBytes: 10 * 2 ** 20 }, 'wrote more than 10 MiB'],
  [{ type: 'not-started', message: 'sh is gone' }, 'could not be started: sh is gone'],
])('%j reads as "%s"', (end, words) => {
  expect(describeEnd(end)).toBe(words);
});

test('the last lines that say something stand on one line, and are bounded', () => {
  expect(lastLines('one\r\n\n  two\nthree\nfour\n\n')).toBe('two | three | four');
  expect(lastLines(' \n')).toBe('');
  expect(lastLines(`start ${'x'.repeat(600)} end`)).toBe(`…${'x'.repeat(495)} end`);
});
