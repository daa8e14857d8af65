import { describe, expect, test } from 'vitest';
import { Lifeline } from '../process/lifeline.ts';
import { Cli, jsonLines, resultOf } from '../support/cli.ts';

/** Writes down what it is told, and fails unless it is told of French. */
const LEARNS =
  'echo "$ORCH_ATTEMPT:$ORCH_FEEDBACK" >> told; case $ORCH_FEEDBACK in *French*) echo oui;; *) exit 3;; esac';

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...descriptions);
  return cli;
}

describe('orch retry', () => {
  test('gives a failed task one more round, with what was said and what went wrong', async () => {
    const cli = await withTasks('one');
    const run = () => cli.run(['run', '--exec', LEARNS, '--max-attempts', '1']);
    expect((await run()).code).toBe(1);
    expect(await cli.run(['retry', 'task-001', '--feedback', 'In French'])).toEqual({
      stdout: '1 task pending for one more round: task-001\n',
      stderr: '',
      code: 0,
    });
    expect((await cli.run(['show', 'task-001'])).stdout).toMatch(/feedback +In French/);
    expect((await run()).code).toBe(0);
    expect(cli.read('told')).toBe('1:\n2:In French\nthe command exited with 3\n');
    expect(await cli.tasks()).toMatchObject([{ status: 'completed', attempts: 2, result: 'oui\n' }]);
  });

  test('takes a completed one back with feedback alone, and its result is the previous one', async () => {
    const cli = await withTasks('one');
    const exec = 'cat "$ORCH_PREVIOUS_RESULT_FILE" 2>&1; echo $ORCH_ATTEMPT';
    await cli.run([
      'run',
      '--exec',
      `if [ "$ORCH_PREVIOUS_RESULT_FILE" ]; then ${exec}; else echo first; fi`,
    ]);
    expect(await cli.run(['retry'])).toMatchObject({
      code: 2,
      stderr: 'Say what to retry: ids, --tag, or --status failed for all that failed\n',
    });
    const refused = await cli.run(['retry', 'task-001']);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('orch retry task-001 --feedback <text> says'),
    });
    const { stdout } = await cli.run(['retry', 'task-001', '--feedback', 'more', '--json']);
    expect(jsonLines(stdout)).toMatchObject([{ id: 'task-001', status: 'pending', feedback: 'more' }]);
    await cli.run(['run', '--exec', exec]);
    expect(await cli.tasks()).toMatchObject([{ result: 'first\n2\n' }]);
  });

  test('by selection: the failed ones, and nothing where there is none', async () => {
    const cli = await withTasks('true', 'false', 'false');
    await cli.run(['run', '--exec', 'sh', '--max-attempts', '1']);
    expect((await cli.run(['retry', '--status', 'failed', 'task-001..task-002'])).stdout).toContain(
      ': task-002\n',
    );
    expect((await cli.run(['retry', '--tag', 'none'])).stderr).toBe('Nothing to retry: no task matches\n');
    for (const args of [[], ['nobody'], ['task-002'], ['task-003', '--feedback', ' ']]) {
      expect(await cli.run(['retry', ...args])).toMatchObject({ stdout: '', code: 2 });
    }
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'pending', 'failed']);
  });

  test('refuses what a live run holds', async () => {
    const cli = await withTasks('one');
    const life = new Lifeline();
    const child = cli.start(['run', '--exec', `exec 3>'${life.path}'; echo begun >&3; sleep 999`]);
    const ended = resultOf(child);
    expect(await life.line()).toBe('begun');
    const refused = await cli.run(['retry', 'task-001', '--feedback', 'x']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is being worked on by run') });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('a credential in the feedback is not kept', async () => {
    const cli = await withTasks('one');
    const env = { ANTHROPIC_API_KEY: 'sk-ant-api03-not-to-be-kept-0123456789' };
    await cli.run(['run', '--exec', 'false', '--max-attempts', '1']);
    const said = await cli.run(['retry', 'task-001', '--feedback', `use ${env.ANTHROPIC_API_KEY}`], { env });
    expect(said.stderr).toBe(
      'The feedback held a credential of this environment: [redacted] is kept in its place\n',
    );
    expect(await cli.tasks()).toMatchObject([{ feedback: 'use [redacted]' }]);
  });
});
