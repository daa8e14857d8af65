import { expect, test } from 'vitest';
import { Cli, type Result } from './cli.ts';

test('what is said in the process of a test is what a process says', async () => {
  const [child, here] = [new Cli(), new Cli()];
  const lines: Array<[args: string[], input?: string]> = [
    [['add', '-', '--format', 'jsonl'], '{"description":"one"}\n{"description":"two"}\n'],
    [['add']],
    [['list', '--json', '--nonsense']],
    [['show', 'nope', '--json']],
    [['show', 'task-001', '--result']],
    [['list']],
    // The exit code is known at the very end alone.
    [['run', '--exec', 'rm -rf out; : >out', '-j', '1', '--junit', 'out/j.xml', '-q']],
  ];
  const said = ({ stdout, stderr, code }: Result, { dir }: Cli) => ({
    code,
    stdout: stdout.replaceAll(dir, '<dir>'),
    stderr: stderr.replaceAll(dir, '<dir>'),
  });
  for (const [args, input = ''] of lines)
    expect({ args, ...said(await here.here(args, { input }), here) }).toEqual({
      args,
      ...said(await child.run(args, { input }), child),
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
