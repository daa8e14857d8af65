import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

/** How often each command was started, by the lines that it left in a file. */
function starts(cli: Cli, name: string): number {
  return cli.read(name).split('\n').filter(Boolean).length;
}

/** Blocks until the test opens the gate; the second time it finds it open. */
const AT_THE_GATE = 'if mkdir first 2>/dev/null; then cat gate >/dev/null; fi';

test('a run killed during an execution: the next one does the task at once, and counts the crash alone', async () => {
  const cli = new Cli();
  execFileSync('mkfifo', [cli.path('gate')]);
  await cli.add('one');
  const exec = `echo x >> executions; ${AT_THE_GATE}; cat`;
  const child = cli.start(['run', '--exec', exec]);
  await cli.appears('first');
  child.kill('SIGKILL');
  await once(child, 'close');

  const next = await cli.run(['run', '--exec', exec, '--json']);
  expect(next.code).toBe(0);
  expect(await cli.tasks()).toMatchObject([{ status: 'completed', attempts: 1, result: 'one' }]);
  expect(starts(cli, 'executions')).toBe(2);
  cli.write('gate', '');
});

test('a run killed during a verification: the next one goes on with the verification', async () => {
  const cli = new Cli();
  execFileSync('mkfifo', [cli.path('gate')]);
  await cli.add('one');
  const args = ['run', '--exec', 'echo x >> executions; cat', '--check', `echo x >> checks; ${AT_THE_GATE}`];
  const child = cli.start(args);
  await cli.appears('first');
  child.kill('SIGKILL');
  await once(child, 'close');

  const next = await cli.run([...args, '--json']);
  expect(next.code).toBe(0);
  expect(jsonLines(next.stdout)).toContainEqual(
    expect.objectContaining({ event: 'task:start', resumed: true }),
  );
  expect(await cli.tasks()).toMatchObject([
    { status: 'completed', attempts: 1, result: 'one', verified: true },
  ]);
  expect([starts(cli, 'executions'), starts(cli, 'checks')]).toEqual([1, 2]);
  cli.write('gate', '');
});

test('what a killed run held does not start by surprise: only run and reset touch it', async () => {
  const cli = new Cli();
  execFileSync('mkfifo', [cli.path('gate')]);
  await cli.add('one');
  const child = cli.start(['run', '--exec', AT_THE_GATE]);
  await cli.appears('first');
  child.kill('SIGKILL');
  await once(child, 'close');

  for (const args of [['status'], ['list'], ['show', 'task-001'], ['add', 'two']]) {
    expect((await cli.run(args)).code).toBe(0);
  }
  expect(await cli.tasks()).toMatchObject([{ status: 'in_progress' }, { status: 'pending' }]);
  expect((await cli.run(['reset'])).code).toBe(0);
  expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }, { status: 'pending' }]);
  cli.write('gate', '');
});
