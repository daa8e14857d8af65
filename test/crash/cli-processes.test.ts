import { expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

test('20 processes that add 50 tasks each leave 1000 tasks, each with an id of its own', async () => {
  const cli = new Cli();
  const fifty = (process: number): string =>
    Array.from({ length: 50 }, (_, i) => `task ${i} of ${process}`).join('\n');
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => cli.run(['add', '-'], { input: fifty(i) })),
  );
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));

  const tasks = await cli.tasks();
  expect(tasks).toHaveLength(1000);
  expect(new Set(tasks.map(({ description }) => description)).size).toBe(1000);
  const printed = results.flatMap(({ stdout }) => stdout.trim().split('\n'));
  expect(new Set(printed)).toEqual(new Set(tasks.map(({ id }) => id)));
});

test('tasks added one by one by processes that overlap are all there', async () => {
  const cli = new Cli();
  const script = `for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5; do orch add "$i-$j" || echo failed; done & done; wait`;
  const { stdout, stderr } = await cli.sh(script);
  expect(stderr).toBe('');
  expect(new Set(stdout.trim().split('\n')).size).toBe(40);
  expect(await cli.tasks()).toHaveLength(40);
});

test('two runs on one file share the work, and do each task once', async () => {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: Array.from({ length: 40 }, (_, i) => `task ${i}`).join('\n') });
  const args = ['run', '-j', '4', '--exec', 'echo "$ORCH_TASK_ID" >> done.txt; cat', '--json'];
  const runs = await Promise.all([cli.run(args), cli.run(args)]);
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const done = cli.read('done.txt').trim().split('\n');
  expect(done).toHaveLength(40);
  expect(new Set(done).size).toBe(40);
});
