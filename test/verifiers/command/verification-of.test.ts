import { expect, test } from 'vitest';
import type { Redact } from '../../../src/process/redact.ts';
import type { CommandEnd } from '../../../src/process/run-command.ts';
import { verificationOf } from '../../../src/verifiers/command/verification-of.ts';

const asIs: Redact = (text) => text;
const of = (end: CommandEnd, stdout = '', stderr = '', redact = asIs) =>
  verificationOf({ ...end, stdout, stderr }, redact);

test('exit status 0 passes, whatever was written', () => {
  expect(of({ type: 'exited', status: 0 }, 'out', 'err')).toEqual({
    passed: true,
    confidence: 1,
    feedback: '',
    issues: [],
  });
});

test.each<[CommandEnd, string]>([
  [{ type: 'exited', status: 126 }, 'the check exited with 126: why'],
  [{ type: 'exited', status: 127 }, 'the check exited with 127: why'],
  [{ type: 'exited', status: 129 }, 'the check exited with 129: why'],
  [{ type: 'exited', status: 130 }, 'the check exited with 130: why'],
  [{ type: 'exited', status: 137 }, 'the check exited with 137: why'],
  [{ type: 'exited', status: 143 }, 'the check exited with 143: why'],
  [{ type: 'signalled', signal: 'SIGKILL' }, 'the check was ended by SIGKILL: why'],
  [{ type: 'timed-out', timeoutMs: 2000 }, 'the check did not end within 2 s: why'],
  [{ type: 'too-much-output', maxOutputBytes: 9 }, 'the check wrote more than 9 bytes: why'],
  [{ type: 'aborted' }, 'the check was aborted: why'],
  [{ type: 'not-started', message: 'gone' }, 'the check could not be started: gone: why'],
])('%j could not tell', (end, reason) => {
  expect(of(end, 'out', 'why\n')).toEqual({ inconclusive: true, reason });
});

// 134, 139 and 141 are what a program does that aborts, crashes, or writes where nobody reads.
test.each([1, 2, 74, 125, 128, 131, 134, 136, 138, 139, 141, 142, 144, 255])(
  'exit status %i rejects',
  (status) => {
    expect(of({ type: 'exited', status })).toEqual({
      passed: false,
      confidence: 1,
      feedback: `check exited with ${status}`,
      issues: [],
    });
  },
);

test.each<[CommandEnd, string]>([
  [{ type: 'exited', status: 75 }, 'the check exited with 75: why'],
  [{ type: 'not-started', message: 'full', code: 'EAGAIN' }, 'the check could not be started: full: why'],
])('%j is to be tried again later', (end, message) => {
  expect(of(end, 'out', 'why\n')).toEqual({ error: { kind: 'transient', message } });
});

test('the feedback is stdout, then stderr; its first line is the issue', () => {
  expect(of({ type: 'exited', status: 1 }, '\nline 3 is wrong\nsee there\n', 'warning\n')).toMatchObject({
    feedback: 'line 3 is wrong\nsee there\nwarning',
    issues: ['line 3 is wrong'],
  });
});

test('of much output the end is kept, and of a long first line the beginning', () => {
  const { feedback, issues } = of({ type: 'exited', status: 1 }, `${'€'.repeat(5000)}\nend`) as {
    feedback: string;
    issues: string[];
  };
  expect(feedback).toBe(`${'€'.repeat(Math.floor(4092 / 3))}\nend`);
  expect(issues).toEqual(['€'.repeat(Math.floor(500 / 3))]);
});

test('a secret that the cut would split is taken out before', () => {
  const redact: Redact = (text) => text.replaceAll('sk-ant-test-0000', '[key]');
  const cutInTheKey = `sk-ant-test-0000${'x'.repeat(4090)}`;
  expect(JSON.stringify(of({ type: 'exited', status: 1 }, cutInTheKey, '', redact))).not.toContain('0000');
  const couldNotTell = of({ type: 'exited', status: 127 }, '', `sk-ant-test-0000${'x'.repeat(490)}`, redact);
  expect(JSON.stringify(couldNotTell)).not.toContain('0000');
});
