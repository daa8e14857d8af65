import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, jsonLines, resultOf } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';

/** task-001 completed but unverified, task-002 failed, task-003 blocked by it, task-004 completed and verified. */
async function mixed(): Promise<Cli> {
  const cli = new Cli();
  await cli.here(['add', '-f', '-', '--format', 'jsonl', '--trust'], {
    input: [
      { description: 'printf "raw\\n\\033[31mred"', tags: ['a'] },
      { description: 'echo broken; exit 3', maxAttempts: 1 },
      { description: 'true', after: ['task-002'] },
      { description: 'echo good', check: 'grep -q good' },
    ]
      .map((task) => JSON.stringify(task))
      .join('\n'),
  });
  expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(1);
  return cli;
}

test('orch show begins with how its task ended, and says where nothing verified it', async () => {
  const cli = await mixed();
  const first = async (id: string) => (await cli.here(['show', id])).stdout.split('\n')[0];
  expect(await first('task-001')).toBe('✓ task-001 is completed after 1 attempt, unverified');
  expect(await first('task-004')).toBe('✓ task-004 is completed after 1 attempt');
});

describe('orch list', () => {
  test('is a line a task, with what is blocked, unverified, or failed and why', async () => {
    const cli = await mixed();
    const { stdout, stderr, code } = await cli.here(['list']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines).toEqual([
      '✓ task-001   unverified  printf "raw\\n\\033[31mred"',
      '✗ task-002   failed      echo broken; exit 3 - the command exited with 3',
      '· task-003   blocked     true - blocked by task-002 (failed)',
      '✓ task-004   completed   echo good',
    ]);
  });

  test('says of all that wait for one that failed that they are blocked', async () => {
    const cli = new Cli();
    const blocked = Array.from({ length: 6_000 }, () => ({ description: 'true', after: ['root'] }));
    await cli.add({ id: 'root', description: 'x' }, ...blocked);
    await cli.here(['cancel', 'root']);
    const { stdout } = await cli.here(['list']);
    expect(stdout.match(/ blocked {5}true - blocked by root \(failed\)$/gm)).toHaveLength(6_000);
  });

  test('filters by status and tag, and stops at a limit', async () => {
    const cli = await mixed();
    expect((await cli.here(['list', '--status', 'completed', '--limit', '1'])).stdout).toMatch(
      /^✓ task-001.*\n$/,
    );
    expect(
      jsonLines((await cli.here(['list', '--tag', 'a', '--json'])).stdout).map((task) => task.id),
    ).toEqual(['task-001']);
    expect(await cli.here(['list', '--tag', 'none'])).toEqual({
      stdout: '',
      stderr: 'No task matches; orch list without options shows all\n',
      code: 0,
    });
    expect(await cli.here(['list', '--tag', ''])).toMatchObject({ stdout: '', code: 2 });
    const wrong = await cli.here(['list', '--status', 'done']);
    expect(wrong).toMatchObject({ stdout: '', code: 2 });
    expect(wrong.stderr).toBe(
      'Expected --status to be one of pending, in_progress, completed, failed, got "done"\n',
    );
  });

  test('says so where there are no tasks', async () => {
    const cli = new Cli();
    cli.write('tasks.json', '{ "version": 1, "revision": 0, "nextId": 1, "tasks": [] }');
    expect(await cli.here(['list'])).toEqual({
      stdout: '',
      stderr: 'There are no tasks; orch add adds one\n',
      code: 0,
    });
    expect(await cli.here(['list', '--json'])).toEqual({ stdout: '', stderr: '', code: 0 });
  });

  test('--json has whole tasks, history included', async () => {
    const tasks = await (await mixed()).tasks();
    expect(tasks[0]).toMatchObject({
      id: 'task-001',
      verified: false,
      result: 'raw\n\u001b[31mred',
      history: [{ outcome: 'passed' }],
    });
    expect(tasks[1]).toMatchObject({
      status: 'failed',
      error: { kind: 'failed' },
      history: [{ output: 'broken\n' }],
    });
  });

  test('a reader who leaves early is no error', async () => {
    const cli = new Cli();
    await cli.here(['add', '-'], {
      input: Array.from({ length: 20_000 }, (_, i) => `task number ${i}`).join('\n'),
    });
    const { stdout, stderr, code } = await cli.sh('{ orch list; echo "code $?" >&2; } | head -1');
    expect({ stdout, stderr, code }).toEqual({
      stdout: '· task-001   pending     task number 0\n',
      stderr: 'code 0\n',
      code: 0,
    });
  });
});

describe('orch status', () => {
  test('is a compact picture with reasons', async () => {
    const { stdout, code } = await (await mixed()).run(['status']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '4 tasks: ✓ 2 completed (1 unverified), ✗ 1 failed, ▶ 0 running, · 1 pending (1 blocked)\n',
    );
    expect(stdout).toMatch(/✗ task-002 {2}1 attempt {2}.*exited with 3/);
    expect(stdout).toContain('· task-003  blocked by task-002 (failed)');
  });

  test.skipIf(!HAS_SCRIPT)('on a terminal it has a bar and colours; elsewhere neither', async () => {
    const cli = await mixed();
    const terminal = cli.terminal('orch status');
    const { stdout: shown } = await resultOf(terminal);
    expect(shown).toContain(`\u001b[32m${'✓'.repeat(30)}\u001b[39m\u001b[31m${'✗'.repeat(15)}\u001b[39m`);
    const { stdout } = await cli.here(['status']);
    expect(stdout).toMatch(/^4 tasks: /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes and carriage returns are what is looked for
    expect(stdout).not.toMatch(/[\u001b\r]/);
  });

  test('-q is the problems alone', async () => {
    const cli = await mixed();
    expect((await cli.here(['status', '-q'])).stdout).toMatch(
      /^Failed\n {2}✗ task-002 .*\n\nBlocked\n .*\n$/,
    );
    await cli.here(['remove', 'task-003', 'task-002']);
    expect((await cli.here(['status', '-q'])).stdout).toBe('');
  });

  test('--json is one object; its tasks are the running and the failed, without history, long texts cut', async () => {
    const cli = await mixed();
    await cli.here(['add', '--max-attempts', '1', `exit 3 # ${'é'.repeat(5000)}`]);
    await cli.here(['run', '--exec', 'sh']);
    const { stdout } = await cli.here(['status', '--json']);
    const status = JSON.parse(stdout);
    expect(Object.keys(status)).toEqual(['schemaVersion', 'counts', 'unverified', 'usage', 'runs', 'tasks']);
    expect(status.counts).toEqual({
      pending: 1,
      in_progress: 0,
      completed: 2,
      failed: 2,
      blocked: 1,
      total: 5,
    });
    expect(status.tasks.map((task: { id: string }) => task.id)).toEqual(['task-002', 'task-005']);
    expect(status.tasks[0]).not.toHaveProperty('history');
    expect(status.tasks[0]).not.toHaveProperty('truncated');
    const { description, truncated } = status.tasks[1];
    expect(truncated).toEqual(['description']);
    expect(description).toBe(`exit 3 # ${'é'.repeat(2043)}`);
  });
});

describe('orch show', () => {
  test('tells the story of a task, without what could steer a terminal', async () => {
    const cli = await mixed();
    const failed = await cli.here(['show', 'task-002']);
    expect(failed.stdout).toContain('✗ task-002 failed after 1 attempt');
    expect(failed.stdout).toContain('✗ Attempt 1 failed, today at ');
    expect(failed.stdout).toContain('    broken\n');
    const passed = await cli.here(['show', 'task-001']);
    expect(passed.stdout).toContain('Result (which nothing verified):\nraw\nred\n');
    expect((await cli.here(['show', 'task-004'])).stdout).toContain('Result (verified, confidence 1):\ngood');
    expect((await cli.here(['show', 'task-003'])).stdout).toContain(
      '· task-003 is blocked by task-002 (failed)\n',
    );
  });

  test('--result is the result byte for byte', async () => {
    const cli = await mixed();
    expect(await cli.here(['show', 'task-001', '--result'])).toEqual({
      stdout: 'raw\n\u001b[31mred',
      stderr: '',
      code: 0,
    });
  });

  test('--result of a task that is not completed prints nothing and ends with 1; --any prints its best output', async () => {
    const cli = await mixed();
    const none = await cli.here(['show', 'task-002', '--result']);
    expect(none).toMatchObject({ stdout: '', code: 1 });
    expect(none.stderr).toContain('orch show task-002 --result --any');
    expect(await cli.here(['show', 'task-002', '--result', '--any'])).toEqual({
      stdout: 'broken\n',
      stderr: '',
      code: 0,
    });
    for (const more of [[], ['--any']]) {
      expect(await cli.here(['show', 'task-003', '--result', ...more])).toEqual({
        stdout: '',
        stderr: 'task-003 is pending and has no output yet\n',
        code: 1,
      });
    }
  });

  test('--json is the whole task', async () => {
    const { stdout } = await (await mixed()).run(['show', 'task-002', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'task-002',
      history: [{ outcome: 'failed', output: 'broken\n' }],
    });
  });

  test('an unknown id, and options that contradict, are usage errors', async () => {
    const cli = await mixed();
    expect(await cli.here(['show', 'nope'])).toMatchObject({ stdout: '', code: 2 });
    const json = await cli.here(['show', 'nope', '--json']);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'not-found' } });
    expect((await cli.here(['show', 'task-001', '--any'])).code).toBe(2);
    expect((await cli.here(['show', 'task-001', '--result', '--json'])).code).toBe(2);
  });
});

describe('a task whose run is gone', () => {
  async function killed(): Promise<Cli> {
    const cli = new Cli();
    await cli.add('one');
    openPipe(cli.path('go'));
    const run = cli.start(['run', '--exec', ': >here; read line <go']);
    await cli.appears('here');
    const held = await cli.here(['show', 'task-001']);
    expect(held.stdout).toMatch(/^▶ task-001 is running\n/);
    expect(held.stdout).toMatch(
      /held by {5}run-[0-9a-f]{8}, since \w+day at .* UTC, \d+s more unless renewed\n/,
    );
    expect((await cli.here(['list'])).stdout).toMatch(/^▶ task-001 {3}running {5}one\n$/);
    run.kill('SIGKILL');
    await once(run, 'exit');
    return cli;
  }

  test('is said to be left, in every view', async () => {
    const cli = await killed();
    const left = 'left by a run that is gone; the next run takes it over';
    expect((await cli.here(['show', 'task-001'])).stdout).toMatch(new RegExp(`^▶ task-001 was ${left}\\n`));
    expect((await cli.here(['status'])).stdout).toContain(`▶ task-001  ${left}  one`);
    expect((await cli.here(['list'])).stdout).toMatch(/^▶ task-001 {3}left {8}one\n$/);
  });
});
