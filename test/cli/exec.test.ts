import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { onceBegun } from '../process/lifeline.ts';
import { Cli } from '../support/cli.ts';

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...descriptions);
  return cli;
}

describe('--idle-timeout', () => {
  test('ends a command that says nothing for so long, with all that it started', async () => {
    const cli = new Cli();
    const ms = await onceBegun(async (life, ms) => {
      await cli.add('one');
      const exec = `exec 3>'${life.path}'; echo begun >&3; sleep 999 & wait`;
      expect((await cli.run(['run', '--exec', exec, '--idle-timeout', `${ms}ms`, '--no-retry'])).code).toBe(
        1,
      );
    });
    const message = `the command wrote nothing for ${ms / 1000} s`;
    expect((await cli.tasks()).at(-1)).toMatchObject({ attempts: 1, error: { kind: 'failed', message } });
  });

  test('is for --exec alone', async () => {
    const cli = await withTasks('one');
    expect(await cli.run(['run', '--idle-timeout', '1s'])).toMatchObject({
      code: 2,
      stderr: '--idle-timeout is for the command of --exec; give that too\n',
    });
  });
});

test.runIf(process.platform === 'linux')(
  'a command past its deadline leaves no process, setsid or not',
  async () => {
    const cli = new Cli();
    await onceBegun(async (life, ms) => {
      await cli.add('one');
      const exec = `exec 3>'${life.path}'; setsid -f sleep 999 >/dev/null 2>&1; sleep 999 & echo begun >&3; wait`;
      expect((await cli.run(['run', '--exec', exec, '--task-timeout', `${ms}ms`, '--no-retry'])).code).toBe(
        1,
      );
    });
  },
);

describe('a program that is not there', () => {
  test('is found before the first claim', async () => {
    const cli = await withTasks('one');
    cli.write('plain', 'echo x');
    mkdirSync(cli.path('folder'));
    for (const [exec, why] of [
      ['orch-test-no-such-program', 'is neither a program in PATH nor a word of the shell'],
      ['orch-test-no-such-program -p | cat', 'is neither'],
      ['cat "$ORCH_TASK_FILE" | orch-test-no-such-program -p', 'is neither'],
      ['A=b exec orch-test-no-such-program', 'is neither'],
      ['./gone --flag', 'does not exist'],
      ['./plain/x', 'does not exist'],
      ['./plain', 'is not executable'],
      ['./folder', 'is a folder'],
    ] as const) {
      const refused = await cli.run(['run', '--exec', exec]);
      expect(refused).toMatchObject({ stdout: '', code: 2, stderr: expect.stringContaining(why) });
      expect(refused.stderr).toMatch(/^The command of --exec cannot be started: [^\n]+\n$/);
    }
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0, history: [] }]);
  });

  test('is not looked for where the shell has its say first', async () => {
    const cli = new Cli();
    chmodSync(cli.write('tool', '#!/bin/sh\ncat'), 0o755);
    for (const exec of [
      './tool',
      'X=1 cat',
      'if true; then cat; fi',
      '{ cat; }',
      '"cat"',
      '$TOOL',
      'exec cat',
      ': ; cat',
      'cat|cat',
    ]) {
      await cli.add('one');
      const { code, stderr } = await cli.run(['run', '--exec', exec], { env: { TOOL: 'cat' } });
      expect({ exec, code, stderr }).toEqual({ exec, code: 0, stderr: expect.any(String) });
      expect((await cli.tasks()).at(-1)).toMatchObject({ result: 'one' });
    }
  });
});

describe('output that is no UTF-8', () => {
  const BYTES = Buffer.from([0x00, 0xff, 0xfe, 0x0a, 0x80]);
  const GIVE = "printf '\\000\\377\\376\\n\\200'";

  test('is kept whole: check, file and show have its bytes', async () => {
    const cli = await withTasks('one');
    const check = 'cmp - want && cmp "$ORCH_RESULT_FILE" want';
    cli.write('want', BYTES);
    const args = ['run', '--exec', GIVE, '--check', check, '--out-dir', 'out'];
    expect((await cli.run(args)).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([
      { result: BYTES.toString('base64'), history: [{ metadata: { encoding: 'base64' } }] },
    ]);
    expect(readFileSync(cli.path('out/task-001.txt'))).toEqual(BYTES);
    expect((await cli.sh('orch show task-001 --result | cmp - want')).code).toBe(0);
    expect((await cli.run(['show', 'task-001'])).stdout).toContain('5 bytes that are no text');
  });

  test('goes to the next attempt as bytes, and is the best output as bytes', async () => {
    const cli = await withTasks('one');
    cli.write('want', BYTES);
    const exec = `if [ "$ORCH_PREVIOUS_RESULT_FILE" ]; then cmp "$ORCH_PREVIOUS_RESULT_FILE" want >&2 && touch same; fi; ${GIVE}`;
    await cli.run(['run', '--exec', exec, '--check', 'false', '--max-attempts', '2']);
    expect((await cli.sh('orch show task-001 --result --any | cmp - want && ls same')).stdout).toBe('same\n');
  });
});
