import { expect, test } from 'vitest';
import { Cli } from './cli.ts';

test('what is said in the process of a test is what a process says', async () => {
  const [child, here] = [new Cli(), new Cli()];
  const lines: Array<[args: string[], input?: string]> = [
    [['add', '-', '--format', 'jsonl'], '{"description":"one"}\n{"description":"two"}\n'],
    [['add']],
    [['list', '--json', '--nonsense']],
    [['show', 'nope', '--json']],
    [['show', 'task-001', '--result']],
    [['list']],
  ];
  for (const [args, input = ''] of lines)
    expect({ args, ...(await here.here(args, { input })) }).toEqual({
      args,
      ...(await child.run(args, { input })),
    });
});

test('it is where its Cli is, one at a time, and leaves the process of the test as it was', async () => {
  const before = { dir: process.cwd(), env: { ...process.env }, exitCode: process.exitCode };
  const both = [new Cli(), new Cli()];
  const env = { ORCH_STORE: 'named.json' };
  const ids = await Promise.all(both.map((cli) => cli.here(['add', 'x'], { env })));
  expect(ids).toEqual(Array(2).fill({ stdout: 'task-001\n', stderr: '', code: 0 }));
  for (const cli of both) expect(cli.read('named.json')).not.toBe('');
  expect((await both[0]!.here(['show', 'nope'])).code).toBe(2);
  expect({ dir: process.cwd(), env: { ...process.env }, exitCode: process.exitCode }).toEqual(before);
});
