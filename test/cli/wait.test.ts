import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, jsonLines, resultOf, says } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';
import { WatchedRun } from '../support/watched-run.ts';

/** Its tasks are shell scripts, for `--exec sh`; one that reads `go` runs until the test writes a line. */
async function withTasks(...scripts: string[]): Promise<{ cli: Cli; letGo(): void }> {
  const cli = new Cli();
  const go = openPipe(cli.path('go'));
  await cli.add(...scripts);
  return { cli, letGo: () => writeSync(go, 'go\n') };
}

const HELD = 'read line < go';

describe('orch wait, for what has ended', () => {
  test('ends at once: 0 where all are completed, otherwise 1, and says why of each', async () => {
    const { cli } = await withTasks('true', 'exit 3');
    await cli.here(['run', '--exec', 'sh', '--no-retry']);
    await cli.add({ description: 'never', after: ['task-002'] });
    const before = cli.read('tasks.json');
    const failed = '✗ task-002   failed     the command exited with 3\n';
    const blocked = '· task-003   blocked by task-002 (failed)\n';
    const unverified = '✓ task-001   completed, unverified\n';
    const all = await cli.run(['wait']);
    expect(all).toEqual({ stdout: unverified + failed + blocked, stderr: '', code: 1 });
    expect(await cli.run(['wait', '-q'])).toEqual({ stdout: failed + blocked, stderr: '', code: 1 });
    expect(await cli.run(['wait', 'task-001'])).toEqual({ stdout: unverified, stderr: '', code: 0 });
    expect((await cli.run(['wait', '--status', 'completed'])).code).toBe(0);
    const { stdout } = await cli.here(['list', '--json']);
    expect(await cli.run(['wait', '--json'])).toEqual({ stdout, stderr: '', code: 1 });
    expect(cli.read('tasks.json')).toBe(before);
  });

  test('an unknown id, a missing store and a bad time are usage errors; nothing to wait for is none', async () => {
    const { cli } = await withTasks('true');
    expect((await cli.run(['wait', 'nope'])).code).toBe(2);
    expect((await cli.run(['wait', '--store', 'none.json'])).code).toBe(2);
    expect((await cli.run(['wait', '--timeout', '5'])).stderr).toContain('Expected --timeout to have a unit');
    expect(await cli.run(['wait', '--tag', 'none'])).toEqual({
      stdout: '',
      stderr: 'No task matches: there is nothing to wait for\n',
      code: 0,
    });
  });
});

test('orch wait ends with a run in another process', async () => {
  const { cli, letGo } = await withTasks(HELD, 'true');
  const run = new WatchedRun(cli, ['--exec', 'sh', '--stay']);
  await run.until('task:complete');
  const wait = cli.start(['wait']);
  const first = says(wait, 'task-002', 'stdout');
  const result = resultOf(wait);
  await first;
  letGo();
  expect(await result).toEqual({
    stdout: '✓ task-002   completed, unverified\n✓ task-001   completed, unverified\n',
    stderr: '',
    code: 0,
  });
});

describe('orch wait, where no run lives', () => {
  const ALONE = 'No run works on tasks.json; waiting for one (orch run)\n';

  test('says so once, and goes on waiting', async () => {
    const { cli } = await withTasks('true', 'true');
    const wait = cli.start(['wait', '-q']);
    const alone = says(wait, ALONE);
    const result = resultOf(wait);
    await alone;
    await cli.here(['run', '--exec', 'sh', '--limit', '1']);
    await cli.here(['run', '--exec', 'sh']);
    expect(await result).toEqual({ stdout: '', stderr: ALONE, code: 0 });
  });

  test('because it was killed, waits for the next one', async () => {
    const { cli, letGo } = await withTasks(HELD);
    const run = new WatchedRun(cli, ['--exec', 'sh']);
    await run.until('task:start');
    const wait = cli.start(['wait']);
    const alone = says(wait, ALONE);
    const result = resultOf(wait);
    run.child.kill('SIGKILL');
    await alone;
    const next = cli.here(['run', '--exec', 'sh']);
    letGo();
    // One line is for the command that the killed run has left behind.
    letGo();
    expect((await next).code).toBe(0);
    expect(await result).toMatchObject({ stderr: ALONE, code: 0 });
  });

  test('ends with 124 when its time is over, and names what has not ended', async () => {
    const { cli } = await withTasks('true', 'exit 1');
    await cli.here(['run', '--exec', 'sh', '--no-retry']);
    await cli.add('later');
    const { code, stderr } = await cli.run(['wait', '--timeout', '1ms', '-q']);
    expect({ code, stderr }).toEqual({ code: 124, stderr: `${ALONE}Time is over; not ended: task-003\n` });
    expect((await cli.run(['wait', 'task-001', '--timeout', '0s'])).code).toBe(0);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it quietly', async (signal, code) => {
    const { cli } = await withTasks('true');
    const wait = cli.start(['wait']);
    const alone = says(wait, ALONE);
    const result = resultOf(wait);
    await alone;
    wait.kill(signal);
    expect(await result).toEqual({ stdout: '', stderr: ALONE, code });
  });
});

describe('orch wait, while others change the tasks', () => {
  test('waits for one that was reset, and tells of it again', async () => {
    const { cli, letGo } = await withTasks('test -e mended', HELD);
    const run = new WatchedRun(cli, ['--exec', 'sh', '--no-retry', '--stay']);
    await run.until('task:fail');
    const wait = cli.start(['wait', '--json']);
    const failed = says(wait, '"status":"failed"', 'stdout');
    const result = resultOf(wait);
    await failed;
    cli.write('mended', '');
    await cli.here(['reset', 'task-001']);
    await run.until('task:complete');
    letGo();
    const { stdout, code } = await result;
    expect(code).toBe(0);
    expect(jsonLines(stdout).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'task-001 failed',
      'task-001 completed',
      'task-002 completed',
    ]);
  });

  test('tells of one that was removed, which is none that is completed', async () => {
    const { cli } = await withTasks('true', 'true');
    await cli.here(['run', '--exec', 'sh', '--limit', '1']);
    const wait = cli.start(['wait']);
    const first = says(wait, 'task-001', 'stdout');
    const result = resultOf(wait);
    await first;
    await cli.here(['clean']);
    await cli.here(['remove', 'task-002']);
    expect(await result).toMatchObject({
      stdout: '✓ task-001   completed, unverified\n! task-002   removed\n',
      code: 1,
    });
  });
});

test('orch wait sees the store broken: 4', async () => {
  const { cli } = await withTasks('true');
  const wait = cli.start(['wait']);
  const alone = says(wait, 'No run works');
  const result = resultOf(wait);
  await alone;
  cli.write('tasks.json', '{');
  expect((await result).code).toBe(4);
});
