import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, ORCH } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';

/** More than a pipe holds, so that somebody is left with what is not read. */
const MANY = 1_500;

/** A store of this many tasks, of which the first was done with ten megabytes. */
async function full(): Promise<Cli> {
  const cli = new Cli();
  await cli.run(['add', 'head -c 10000000 /dev/zero | tr "\\0" x', '--id', 'large']);
  await cli.run(['run', '--exec', 'sh', '-q']);
  await cli.run(['add', '-'], { input: `${'a task among others, of some length\n'.repeat(MANY)}` });
  return cli;
}

/** What the reader got, what was said besides, and how orch ended. */
async function read(cli: Cli, command: string, reader: string): Promise<object> {
  const { stdout, stderr } = await cli.sh(`{ ${command}; echo "code $?" >&2; } | ${reader}`);
  return { lines: stdout.split('\n').length - 1, bytes: stdout.length, stderr };
}

const QUIET = { stderr: 'code 0\n' };

describe('a reader who leaves is no error', () => {
  test('where there is much to read', async () => {
    const cli = await full();
    for (const command of [
      'list',
      'list --json',
      'list large --json',
      'export',
      'export --format csv',
      'export --format md',
    ]) {
      expect(await read(cli, `orch ${command}`, 'head -1'), command).toMatchObject({ ...QUIET, lines: 1 });
    }
    expect(await read(cli, 'orch show large --result', 'head -c 1')).toEqual({
      ...QUIET,
      lines: 0,
      bytes: 1,
    });
    expect(await read(cli, 'orch show large --json', 'head -c 1')).toMatchObject({ ...QUIET, bytes: 1 });
    expect(await read(cli, 'orch run --dry-run', 'head -1')).toMatchObject({ lines: 1 });
    expect(await read(cli, 'orch --help', 'head -1')).toMatchObject({ ...QUIET, lines: 1 });
  });

  test('of a run, which goes on to its end and keeps its code', async () => {
    const cli = new Cli();
    await cli.run(['add', '-'], { input: 'echo x\n'.repeat(100) });
    // What comes last fails: the code is known at the end alone.
    await cli.run(['add', 'exit 3', '-p', '-1']);
    const run = 'orch run --exec sh --no-retry -j 8';
    expect(await read(cli, run, 'head -1')).toMatchObject({ stderr: 'code 1\n', lines: 1 });
    const status = (await cli.tasks()).map((task) => task.status);
    expect(status).toEqual([...Array(100).fill('completed'), 'failed']);
    await cli.run(['reset', '--all', '--yes']);
    expect(await read(cli, `${run} --json`, 'head -1')).toMatchObject({ stderr: 'code 1\n', lines: 1 });
    expect(await read(cli, 'orch audit --expect y --json', 'head -1')).toMatchObject({
      stderr: 'code 1\n',
      lines: 1,
    });
  });

  test('of orch add, whose tasks are all added', async () => {
    const cli = new Cli();
    cli.write('rows.txt', 'task\n'.repeat(20_000));
    expect(await read(cli, 'orch add -f rows.txt', 'head -1')).toMatchObject({ ...QUIET, lines: 1 });
    expect(await read(cli, 'orch status', 'cat')).toMatchObject({ lines: 1 });
    expect((await cli.run(['status'])).stdout).toMatch(/^20,000 tasks: /);
    const large = `orch add --run --exec sh -q 'head -c 1000000 /dev/zero'`;
    expect(await read(cli, large, 'head -c 1')).toMatchObject({ ...QUIET, bytes: 1 });
  });

  test('of orch wait, which waits on for its code', async () => {
    const cli = new Cli();
    const go = openPipe(cli.path('go'));
    await cli.run(['add', 'true']);
    await cli.run(['add', 'touch started; read line < go; exit 3', '--max-attempts', '1']);
    const run = cli.run(['run', '--exec', 'sh']);
    await cli.appears('started');
    const waited = read(cli, 'orch wait', '{ head -1; touch left; }');
    await cli.appears('left');
    writeSync(go, 'go\n');
    expect(await waited).toMatchObject({ stderr: 'code 1\n', lines: 1 });
    expect((await run).code).toBe(1);
  });
});

const HAS_GNU_TAIL = spawnSync('tail', ['--version']).status === 0;

test.skipIf(!HAS_GNU_TAIL)(
  'orch watch ends when its reader leaves, though it has nothing more to print (skipped where only a write tells)',
  async () => {
    const cli = new Cli();
    await cli.run(['add', 'x']);
    expect(await read(cli, 'orch watch', 'head -1')).toMatchObject({ ...QUIET, lines: 1 });
    expect(await read(cli, 'orch watch --json', 'true')).toMatchObject({ ...QUIET, lines: 0 });
    // Nothing is left that holds the pipe, or its reader would wait on.
    const watch = `{ '${process.execPath}' '${ORCH}' watch & echo $! >pid; wait; }`;
    const killed = await cli.sh(`${watch} | { read line; kill -9 $(cat pid); cat; echo end; }`);
    expect(killed.stdout).toMatch(/end\n$/);
  },
);

test('standard error that nobody reads ends nothing', async () => {
  const cli = new Cli();
  const { stdout, code } = await cli.sh(`{ orch add --run --exec sh 'echo done' 2>&1 >&3 | true; } 3>&1`);
  expect({ stdout, code }).toEqual({ stdout: 'done\n', code: 0 });
});
