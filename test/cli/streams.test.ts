import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, resultOf, says } from '../support/cli.ts';

/** Two tasks, each of which waits for a `go` that nobody gives. */
async function endless(): Promise<Cli> {
  const cli = new Cli();
  execFileSync('mkfifo', [cli.path('go')]);
  await cli.add('one', 'two');
  return cli;
}

const WAIT = 'touch started; cat go';

/** How the tasks stand after a run that was cut short, and what is left of that run. */
async function leftBy(cli: Cli): Promise<object> {
  const tasks = await cli.tasks();
  return {
    tasks: tasks.map(({ status, attempts, crashes }) => ({ status, attempts, crashes })),
    locks: readdirSync(cli.dir).filter((name) => name.includes('.run-')),
  };
}

const UNTOUCHED = { status: 'pending', attempts: 0, crashes: undefined };
const RELEASED = { tasks: [UNTOUCHED, UNTOUCHED], locks: [] };

describe('a terminal that is closed', () => {
  test.skipIf(!HAS_SCRIPT).each([
    ['', undefined],
    ['2> err', 'SIGHUP: running tasks are aborted, and go back to pending\n'],
  ])('ends the run as SIGHUP does: its tasks go back, uncounted %s', async (redirected, said) => {
    const cli = await endless();
    // The outer shell dies with its terminal; the inner one is left to tell how orch ended.
    const inner = `trap : HUP; orch run --exec '${WAIT}' ${redirected}; echo $? > c; mv c code`;
    const terminal = cli.terminal(`(${inner}); true`);
    terminal.stdout?.resume();
    await cli.appears('started');
    terminal.kill('SIGKILL');
    await cli.appears('code');
    expect(cli.read('code')).toBe('129\n');
    if (said) expect(cli.read('err')).toBe(said);
    expect(await leftBy(cli)).toEqual(RELEASED);
  });
});

describe.skipIf(!existsSync('/dev/full'))('standard output on a full disk', () => {
  const FULL =
    'Standard output cannot be written: the disk is full; nothing more is printed, the work goes on\n';

  test('is one sentence and code 1; what was asked for is done', async () => {
    const cli = new Cli();
    expect(await cli.sh('orch add x > /dev/full')).toEqual({ stdout: '', stderr: FULL, code: 1 });
    expect(await cli.tasks()).toMatchObject([{ id: 'task-001', description: 'x' }]);
    const many = await cli.sh('yes task | head -1000 | orch add - > /dev/full');
    expect(many).toEqual({ stdout: '', stderr: FULL, code: 1 });
    expect(await cli.sh('orch list > /dev/full')).toEqual({ stdout: '', stderr: FULL, code: 1 });
  });

  test('does not end a run', async () => {
    const cli = new Cli();
    await cli.add('a', 'b', 'c');
    expect(await cli.sh('orch run --exec cat > /dev/full')).toEqual({ stdout: '', stderr: FULL, code: 1 });
    expect((await cli.tasks()).map((task) => task.status)).toEqual(['completed', 'completed', 'completed']);
  });

  test('leaves a code that says more as it is', async () => {
    const cli = new Cli();
    await cli.add('a', 'b');
    const limited = await cli.sh('orch run --exec cat --max-iterations 1 -j 1 > /dev/full');
    expect(limited).toEqual({ stdout: '', stderr: FULL, code: 3 });
  });
});

test('a defect in a run releases its tasks before it ends', async () => {
  const cli = await endless();
  const code = 'process.on("SIGUSR2", () => { throw new Error("made up"); })';
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
  const child = cli.start(['run', '--exec', WAIT], { env });
  const result = resultOf(child);
  await cli.appears('started');
  child.kill('SIGUSR2');
  const { stderr, code: status } = await result;
  expect(status).toBe(70);
  expect(stderr).toBe('orch met an error that it did not expect: made up (ORCH_DEBUG=1 shows where)\n');
  expect(await leftBy(cli)).toEqual(RELEASED);
});

describe.skipIf(!HAS_SCRIPT)('the question of reset --all', () => {
  /** What is shown and how it ends when this is typed at the question. */
  async function typed(cli: Cli, keys: string): Promise<{ stdout: string; code: number }> {
    const terminal = cli.terminal('orch reset --all');
    const asked = says(terminal, '[y/N] ', 'stdout');
    const result = resultOf(terminal);
    await asked;
    terminal.stdin?.write(keys);
    const { stdout, code } = await result;
    return { stdout, code };
  }

  async function done(): Promise<Cli> {
    const cli = new Cli();
    await cli.add('true');
    await cli.run(['run', '--exec', 'sh']);
    return cli;
  }

  const status = async (cli: Cli) => (await cli.tasks()).map((task) => task.status);

  test.each([
    ['no', 'no\r', 0, 'Nothing was reset'],
    ['Ctrl-D', '\u0004', 0, 'Nothing was reset'],
    ['Ctrl-C', '\u0003', 130, ''],
  ])('answered by %s resets nothing', async (_, keys, expected, said) => {
    const cli = await done();
    const { stdout, code } = await typed(cli, keys);
    expect(code).toBe(expected);
    expect(stdout).toContain(said);
    expect(stdout).not.toContain('did not expect');
    expect(await status(cli)).toEqual(['completed']);
  });

  test('takes y for yes', async () => {
    const cli = await done();
    expect(await typed(cli, 'y\r')).toMatchObject({
      stdout: expect.stringContaining('1 task pending again'),
    });
    expect(await status(cli)).toEqual(['pending']);
  });

  test.each(['--json', '-q'])('answered by no under %s prints nothing on stdout', async (flag) => {
    const cli = await done();
    const terminal = cli.terminal(`orch ${flag} reset --all > out; echo "code $?"`);
    const asked = says(terminal, '[y/N] ', 'stdout');
    const result = resultOf(terminal);
    await asked;
    terminal.stdin?.write('n\r');
    expect((await result).stdout).toContain('code 0');
    expect(cli.read('out')).toBe('');
  });
});
