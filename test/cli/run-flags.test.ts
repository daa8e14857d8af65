import { describe, expect, test } from 'vitest';
import { onceBegun } from '../process/lifeline.ts';
import { verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, preload, resultOf, says } from '../support/cli.ts';

const server = useFaultServer();

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...descriptions);
  return cli;
}

describe('each flag of run does what it says', () => {
  test('--no-retry: the first failure ends a task', async () => {
    const cli = await withTasks('one');
    expect((await cli.run(['run', '--exec', 'false', '--no-retry'])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([{ status: 'failed', attempts: 1 }]);
  });

  test('--fail-fast: the first failed task is the last; the others stay pending, and the code is 1', async () => {
    const cli = await withTasks('true', 'false', 'true');
    const { stdout, code } = await cli.run(['run', '-j', '1', '--exec', 'sh', '--no-retry', '--fail-fast']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'Ended early (failed): task-002 failed, and it was told to stop at the first task that does\n',
    );
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'failed', 'pending']);
  });

  test('--max-attempts: so many, and a task may say otherwise', async () => {
    const cli = await withTasks('one');
    await cli.add({ description: 'two', maxAttempts: 1 });
    await cli.run(['run', '--exec', 'false', '--max-attempts', '2']);
    expect((await cli.tasks()).map(({ attempts }) => attempts)).toEqual([2, 1]);
  });

  test('--min-confidence: a verdict that is less sure is a rejection', async () => {
    const cli = await withTasks('one');
    server().handle(() => verdict({ passed: true, confidence: 0.8 }));
    const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
    const args = ['run', '--exec', 'cat', '--judge', '--no-retry', '--min-confidence'];
    expect((await cli.run([...args, '0.9'], { env })).code).toBe(1);
    await cli.run(['reset']);
    expect((await cli.run([...args, '0.75'], { env })).code).toBe(0);
  });

  test('--task-timeout: an execution that takes longer is ended, with all that it started', async () => {
    const cli = new Cli();
    const ms = await onceBegun(async (life, ms) => {
      await cli.add('one');
      const exec = `exec 3>'${life.path}'; echo begun >&3; sleep 600 & wait`;
      expect((await cli.run(['run', '--exec', exec, '--task-timeout', `${ms}ms`, '--no-retry'])).code).toBe(
        1,
      );
    });
    const message = expect.stringContaining(`${ms / 1000} s`);
    expect((await cli.tasks()).at(-1)).toMatchObject({ error: { message } });
  });

  test('--max-duration: nothing is started after it', async () => {
    const cli = await withTasks('one', 'two');
    const { code } = await cli.run(['run', '-j', '1', '--exec', 'sleep 0.6', '--max-duration', '500ms']);
    expect(code).toBe(3);
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'pending']);
  });

  test('--pause-between: a slot rests after a task', async () => {
    const cli = await withTasks('one', 'two');
    const child = cli.start(['run', '-j', '1', '--exec', 'cat', '--pause-between', '10m', '--json']);
    const result = resultOf(child);
    await says(child, 'task:complete', 'stdout');
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'pending']);
  });

  test('--stay: waits for tasks that are added later', async () => {
    const cli = await withTasks('one');
    const child = cli.start(['run', '--stay', '--exec', 'cat', '--json']);
    const result = resultOf(child);
    await says(child, 'task:complete', 'stdout');
    const second = says(child, '"id":"task-002","description":"late","status":"completed"', 'stdout');
    await cli.add('late');
    await second;
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  test('without --max-failures ten failed tasks in a row stop a run', async () => {
    const cli = await withTasks(...Array.from({ length: 12 }, (_, i) => `task ${i}`));
    const { code, stdout } = await cli.run(['run', '-j', '1', '--exec', 'false', '--no-retry', '--json']);
    expect(code).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ stats: { failed: 10, stopReason: { kind: 'safety' } } });
  });

  test('--max-failure-rate: when too many of the last twenty failed', async () => {
    const cli = await withTasks(...Array.from({ length: 40 }, (_, i) => `test $((${i} % 2)) = 0`));
    const flags = ['-j', '1', '--exec', 'sh', '--no-retry', '--max-failure-rate', '0.4', '--json'];
    const { code, stdout } = await cli.run(['run', ...flags]);
    expect(code).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      stats: {
        processed: 20,
        failed: 10,
        stopReason: {
          kind: 'safety',
          message: expect.stringMatching(/^10 of the last 20 tasks failed \(limit 40 %\)/),
        },
      },
    });
  });

  test('-j: as many at once as it says', async () => {
    const cli = await withTasks('1', '2', '3');
    // Each of the first two waits until both are there: with fewer slots this would not end.
    const exec =
      'touch "there-$ORCH_TASK_ID"; until [ -e there-task-001 ] && [ -e there-task-002 ]; do sleep 0.01; done';
    expect((await cli.run(['run', '-j', '2', '--exec', exec])).code).toBe(0);
  });

  test('after a success the summary says how to see it', async () => {
    const cli = await withTasks('one');
    expect((await cli.run(['run', '--exec', 'cat'])).stdout).toContain('Next: orch show task-001 --result\n');
  });
});

test.each([['add', 'two'], ['list'], ['status']])(
  '%s loads nothing that is slow to load',
  async (...args) => {
    const cli = await withTasks('one');
    const env = {
      NODE_OPTIONS: `--import=${preload('log-imports.ts')}`,
      TEST_IMPORT_LOG: cli.path('imports'),
    };
    expect((await cli.run(args, { env })).code).toBe(0);
    const imports = cli.read('imports');
    const libraries = [...imports.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name]) => name);
    expect(libraries).toContain('commander');
    for (const slow of ['@anthropic-ai/sdk', 'undici', 'zod', 'ora', 'jsonc-parser']) {
      expect(libraries).not.toContain(slow);
    }
    for (const slow of ['tls', 'http']) expect(imports.split('\n')).not.toContain(`node:${slow}`);
  },
);
