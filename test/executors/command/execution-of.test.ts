import { describe, expect, test } from 'vitest';
import { executionOf } from '../../../src/executors/command/execution-of.ts';
import type { CommandEnd } from '../../../src/process/run-command.ts';

const of = (end: CommandEnd, stdout = '', stderr = '') => executionOf({ ...end, stdout, stderr });

describe('exit status 0', () => {
  test('is success, with the output as it is', () => {
    expect(of({ type: 'exited', status: 0 }, ' out \n')).toEqual({
      success: true,
      output: ' out \n',
      metadata: { exitStatus: 0 },
    });
  });

  test('keeps the end of stderr', () => {
    const { metadata } = of({ type: 'exited', status: 0 }, '', `${'x'.repeat(5000)}end`);
    expect(metadata).toEqual({ exitStatus: 0, stderr: `${'x'.repeat(4093)}end` });
  });
});

test('an output that is no UTF-8 is kept in base64 and marked; credentials are taken out of it too', () => {
  const binary = Buffer.from('\xff key \x00', 'latin1');
  const result = { type: 'exited', status: 0, stdout: 'unused', stderr: '', binary } as const;
  const hide = (text: string) => text.replaceAll('key', '[redacted]');
  expect(executionOf(result, hide, hide)).toEqual({
    success: true,
    output: Buffer.from('\xff [redacted] \x00', 'latin1').toString('base64'),
    metadata: { exitStatus: 0, encoding: 'base64' },
  });
});

test.each<[CommandEnd, string, string]>([
  [{ type: 'exited', status: 1 }, 'failed', 'the command exited with 1: no luck'],
  [{ type: 'exited', status: 75 }, 'transient', 'the command exited with 75: no luck'],
  [{ type: 'exited', status: 126 }, 'permanent', 'the command exited with 126: no luck'],
  [{ type: 'exited', status: 127 }, 'permanent', 'the command exited with 127: no luck'],
  [{ type: 'exited', status: 128 }, 'failed', 'the command exited with 128: no luck'],
  [{ type: 'signalled', signal: 'SIGSEGV' }, 'failed', 'the command was ended by SIGSEGV: no luck'],
  [{ type: 'timed-out', timeoutMs: 1000 }, 'failed', 'the command did not end within 1 s: no luck'],
  [{ type: 'idle', idleMs: 1000 }, 'failed', 'the command wrote nothing for 1 s: no luck'],
  [{ type: 'too-much-output', maxOutputBytes: 9 }, 'failed', 'the command wrote more than 9 bytes: no luck'],
  [{ type: 'aborted' }, 'failed', 'the command was aborted: no luck'],
  [
    { type: 'not-started', message: 'no folder', code: 'ENOENT' },
    'fatal',
    'the command could not be started: no folder: no luck',
  ],
  [
    { type: 'not-started', message: 'too many', code: 'EAGAIN' },
    'transient',
    'the command could not be started: too many: no luck',
  ],
])('%j is %s', (end, kind, message) => {
  expect(of(end, 'so far', 'no luck\n')).toMatchObject({
    success: false,
    error: { kind, message },
    output: 'so far',
    metadata: { stderr: 'no luck\n' },
  });
});

test('a secret that the cut would split is taken out before', () => {
  const redact = (text: string) => text.replaceAll('sk-ant-test-0000', '[key]');
  for (const rest of [490, 4090]) {
    const stderr = `sk-ant-test-0000${'x'.repeat(rest)}`;
    const result = executionOf({ type: 'exited', status: 1, stdout: '', stderr }, redact);
    expect(JSON.stringify(result)).not.toContain('0000');
  }
});

test('a failure that wrote nothing has no output and no colon', () => {
  expect(of({ type: 'exited', status: 3 })).toEqual({
    success: false,
    error: { kind: 'failed', message: 'the command exited with 3' },
    metadata: { exitStatus: 3 },
  });
});
