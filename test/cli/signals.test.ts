import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Cli, resultOf, says } from '../support/cli.ts';

/** A run in which task-001 has begun and ends when `go` is opened for writing; task-002 waits for its turn. */
async function underWay(): Promise<{ cli: Cli; child: ChildProcess; letGo: () => void }> {
  const cli = new Cli();
  execFileSync('mkfifo', [cli.path('go')]);
  await cli.add('one', 'two');
  const child = cli.start(['run', '-j', '1', '--exec', 'touch started; cat go >/dev/null; echo done']);
  await cli.appears('started');
  return { cli, child, letGo: () => cli.write('go', 'x') };
}

async function standing(cli: Cli): Promise<object[]> {
  return (await cli.tasks()).map(({ status, attempts }) => ({ status, attempts }));
}

const PENDING = { status: 'pending', attempts: 0 };

describe('signals', () => {
  test('the first Ctrl-C lets what runs finish, and starts nothing more', async () => {
    const { cli, child, letGo } = await underWay();
    const heard = says(child, 'Ctrl-C again');
    const result = resultOf(child);
    child.kill('SIGINT');
    await heard;
    letGo();
    const { stdout, stderr, code } = await result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Stopping: .*\n$/);
    expect(stdout).toContain('✓ task-001  completed');
    expect(stdout).not.toContain('task-002');
    expect(stdout).toContain('Ended early (stopped): 1 task is left; run again to go on\n');
    expect(await standing(cli)).toEqual([{ status: 'completed', attempts: 1 }, PENDING]);
  });

  test('the second Ctrl-C ends it at once, and its task goes back uncounted', async () => {
    const { cli, child } = await underWay();
    const heard = says(child, 'Ctrl-C again');
    const result = resultOf(child);
    child.kill('SIGINT');
    await heard;
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect(await standing(cli)).toEqual([PENDING, PENDING]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it at once, with %i', async (signal, expected) => {
    const { cli, child } = await underWay();
    const result = resultOf(child);
    child.kill(signal);
    const { stderr, code } = await result;
    expect(code).toBe(expected);
    expect(stderr).toContain(`${signal}: running tasks are aborted`);
    expect(await standing(cli)).toEqual([PENDING, PENDING]);
  });
});
