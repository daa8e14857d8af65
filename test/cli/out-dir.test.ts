import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...descriptions);
  return cli;
}

const RUN = ['run', '--exec', 'sh', '--max-attempts', '1', '--out-dir', 'out/deep'];

describe('run --out-dir', () => {
  test('makes the folder, and writes the result of each completed task, byte for byte', async () => {
    const cli = await withTasks('printf "a\\nö"', 'false', ':');
    expect((await cli.here(RUN)).code).toBe(1);
    expect(readdirSync(cli.path('out/deep')).sort()).toEqual(['task-001.txt', 'task-003.txt']);
    expect(cli.read('out/deep/task-001.txt')).toBe('a\nö');
    expect(cli.read('out/deep/task-003.txt')).toBe('');
  });

  test('--out-ext names the ending', async () => {
    const cli = await withTasks('echo x');
    expect((await cli.here([...RUN, '--out-ext', '.md'])).code).toBe(0);
    expect(cli.read('out/deep/task-001.md')).toBe('x\n');
    for (const ext of ['../x', 'a/b', '', 'a b'])
      expect((await cli.here([...RUN, '--out-ext', ext])).code).toBe(2);
    expect((await cli.here(['run', '--exec', 'sh', '--out-ext', 'md'])).stderr).toContain('--out-dir');
    expect((await cli.here(['run', '--simulate', '--out-dir', 'out'])).code).toBe(2);
  });

  test('replaces a file as a whole: who holds the old one keeps it', async () => {
    const cli = await withTasks('echo $ORCH_ATTEMPT');
    await cli.here(RUN);
    linkSync(cli.path('out/deep/task-001.txt'), cli.path('held'));
    await cli.run(['retry', 'task-001', '--feedback', 'again']);
    await cli.here(RUN);
    expect([cli.read('held'), cli.read('out/deep/task-001.txt')]).toEqual(['1\n', '2\n']);
  });

  test('what is missing is written by a later run, of the selected tasks alone; what is there stays', async () => {
    const cli = await withTasks('echo 1', 'echo 2');
    await cli.here(['run', '--exec', 'sh']);
    await cli.here([...RUN, 'task-002']);
    expect(readdirSync(cli.path('out/deep'))).toEqual(['task-002.txt']);
    cli.write('out/deep/task-002.txt', 'mine');
    expect((await cli.here(RUN)).code).toBe(0);
    expect([cli.read('out/deep/task-001.txt'), cli.read('out/deep/task-002.txt')]).toEqual(['1\n', 'mine']);
  });

  test('a file from before its task was completed again is replaced', async () => {
    const cli = await withTasks('echo $ORCH_ATTEMPT');
    await cli.here(RUN);
    utimesSync(cli.path('out/deep/task-001.txt'), new Date(0), new Date(0));
    await cli.run(['retry', 'task-001', '--feedback', 'again']);
    await cli.here(['run', '--exec', 'sh']);
    expect(cli.read('out/deep/task-001.txt')).toBe('1\n');
    await cli.here(RUN);
    expect(cli.read('out/deep/task-001.txt')).toBe('2\n');
  });

  test('a folder that cannot be written in is found before the first claim', async () => {
    const cli = await withTasks('touch begun');
    cli.write('out', 'a file');
    const refused = await cli.here(RUN);
    expect(refused).toMatchObject({ stdout: '', code: 2 });
    expect(refused.stderr).toMatch(
      /^Results cannot be written to out\/deep: [^\n]+; name another folder with --out-dir\n$/,
    );
    expect(existsSync(cli.path('begun'))).toBe(false);
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });

  test('what cannot be written later costs no task: a warning says so, and another run writes it', async () => {
    const cli = await withTasks('echo 1', 'echo 2', 'echo 3');
    for (const n of [1, 2]) mkdirSync(cli.path(`out/deep/task-00${n}.txt`), { recursive: true });
    const { code, stderr } = await cli.here([...RUN, '-j', '1']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'The result of task-001 is in the store, but could not be written to out/deep/task-001.txt: there is a folder of that name\n' +
        '2 results could not be written to out/deep; another run with --out-dir writes what is missing\n',
    );
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    for (const n of [1, 2]) rmSync(cli.path(`out/deep/task-00${n}.txt`), { recursive: true });
    expect(await cli.here(RUN)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(cli.path('out/deep'))).toEqual(['task-001.txt', 'task-002.txt', 'task-003.txt']);
  });
});
