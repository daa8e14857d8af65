import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { message } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, resultOf, says } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';

const server = useFaultServer();
const SH = ['add', '--run', '--exec', 'sh'];

/** A pipe that a command reads until the test writes a line. */
function gate(cli: Cli): () => void {
  const go = openPipe(cli.path('go'));
  return () => void writeSync(go, 'go\n');
}

describe('orch add --run', () => {
  test('prints the result alone, byte for byte, and all else on standard error', async () => {
    const cli = new Cli();
    await cli.here(['add', 'another']);
    const { code, stderr } = await cli.sh(`orch add --run --exec sh 'printf "a\\377\\nb"' > out`);
    expect(code).toBe(0);
    expect(
      execFileSync('od', ['-An', '-tx1', cli.path('out')])
        .toString()
        .trim(),
    ).toBe('61 ff 0a 62');
    expect(stderr).toMatch(/^task-002\n▶ task-002 {2}started/);
    expect(stderr).toContain('✓ task-002  completed, unverified\n');
    expect(stderr).toContain('1 completed (1 unverified), 0 failed');
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['pending', 'completed']);
    expect(await cli.run([...SH, '-q', 'echo quiet'])).toEqual({ stdout: 'quiet\n', stderr: '', code: 0 });
  });

  test('of a task that fails prints nothing, says why on standard error, and ends with 1', async () => {
    const cli = new Cli();
    const { stdout, stderr, code } = await cli.run([
      ...SH,
      '-q',
      '--id',
      'x',
      '--max-attempts',
      '1',
      'exit 3',
    ]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(/^✗ x {2}the command exited with 3\n/);
    expect(await cli.run([...SH, '-q', '--id', 'x', 'exit 3'])).toEqual({
      stdout: '',
      stderr: 'x failed before: the command exited with 3\n',
      code: 1,
    });
  });

  test('has a check of its own, and those of the run', async () => {
    const cli = new Cli();
    const own = [...SH, '--check', 'grep -q one', '--no-retry', '-q'];
    expect(await cli.run([...own, 'echo one'])).toEqual({ stdout: 'one\n', stderr: '', code: 0 });
    expect(await cli.run([...own, 'echo two'])).toMatchObject({ stdout: '', code: 1 });
    const env = { ORCH_CHECK: 'grep -q two', ORCH_EXEC: 'sh' };
    expect((await cli.run(['add', '--run', '-q', 'echo two'], { env })).stdout).toBe('two\n');
    expect((await cli.run(['add', '--run', '-q', '--no-retry', 'echo one'], { env })).code).toBe(1);
  });

  test('with an id of its own that is completed already pays for nothing, and needs no key', async () => {
    const cli = new Cli();
    const task = ['--id', 'x', 'echo run >> runs; echo result'];
    expect((await cli.run([...SH, ...task])).stdout).toBe('result\n');
    expect(await cli.run(['add', '--run', '-q', ...task])).toEqual({
      stdout: 'result\n',
      stderr: '',
      code: 0,
    });
    expect(cli.read('runs')).toBe('run\n');
  });

  test('prints what another run made of it, where one holds it', async () => {
    const cli = new Cli();
    const letGo = gate(cli);
    const task = 'echo run >> runs; touch started; read line < go; echo "$line"';
    await cli.here(['add', '--id', 'x', task]);
    const run = resultOf(cli.start(['run', '--exec', 'sh']));
    await cli.appears('started');
    const other = cli.start([...SH, '--id', 'x', task]);
    const added = resultOf(other);
    const second = resultOf(cli.start([...SH, '--json', '--id', 'x', task]));
    await says(other, 'x\n');
    letGo();
    expect((await run).code).toBe(0);
    expect(await added).toMatchObject({ stdout: 'go\n', code: 0 });
    expect(jsonLines((await second).stdout)).toMatchObject([{ id: 'x', result: 'go\n' }]);
    expect(cli.read('runs')).toBe('run\n');
  });

  test('is done by Claude, by the model that is named', async () => {
    const cli = new Cli();
    server().next(message({ text: 'Leaves fall' }));
    const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
    const args = ['add', '--run', '-q', '--model', 'claude-haiku-5-5', 'Write a haiku'];
    expect(await cli.run(args, { env })).toEqual({ stdout: 'Leaves fall', stderr: '', code: 0 });
    expect(server().requests[0]?.body.model).toBe('claude-haiku-5-5');
  });

  test('--simulate rehearses it on a copy: it stays pending', async () => {
    const cli = new Cli();
    const { stdout, stderr, code } = await cli.run(['add', '--run', '--simulate', 'Write a haiku']);
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).toContain('Simulated, on a copy: the store stays as it is\n');
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });

  test('that waits for another task ends with 1, and says so', async () => {
    const cli = new Cli();
    await cli.here(['add', 'first']);
    const { stdout, stderr, code } = await cli.run([...SH, '--after', 'task-001', 'echo two']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain('task-002 is pending and has no result yet; orch explain task-002 says why\n');
  });
});

describe('orch add --run, of several', () => {
  test('is refused, and nothing added, as it prints one result', async () => {
    const cli = new Cli();
    expect(await cli.run([...SH, '-'], { input: 'echo 1\necho 2\n' })).toEqual({
      stdout: '',
      stderr: '--run prints one result, and these are 2 tasks; give --json, or orch run after it\n',
      code: 2,
    });
    expect((await cli.here(['list'])).code).toBe(2);
    expect((await cli.run([...SH, '-', '-q'], { input: 'echo 1\n' })).stdout).toBe('1\n');
  });

  test('prints each as a line at its end with --json, those that had ended before too', async () => {
    const cli = new Cli();
    const rows = ['echo 1', 'exit 3', 'echo 2'].map((description, i) => ({ id: `t${i}`, description }));
    const input = rows.map((row) => JSON.stringify(row)).join('\n');
    const args = [...SH, '-', '--format', 'jsonl', '--json', '--no-retry', '-j', '1'];
    const { stdout, stderr, code } = await cli.run(args, { input });
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
    const tasks = jsonLines(stdout);
    expect(stdout).toBe((await cli.here(['list', '--json'])).stdout);
    expect(tasks.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
    const again = await cli.run(args, { input });
    expect(again).toEqual({
      stdout,
      stderr: 't1 failed before: the command exited with 3\n',
      code: 1,
    });
  });
});

describe('orch add --run, before it begins', () => {
  test('without credentials adds nothing', async () => {
    const cli = new Cli();
    const { code, stderr } = await cli.run(['add', '--run', 'x']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^No credentials for the Claude API were found/);
    expect((await cli.here(['list'])).stderr).toContain('tasks.json does not exist');
  });

  test('commands of a config file that came with the folder are not run unasked, and nothing is added', async () => {
    const cli = new Cli();
    cli.write('orch.config.json', '{"run":{"exec":"touch ran; cat"}}');
    const { code, stderr } = await cli.run(['add', '--run', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('that nobody agreed to (run.exec)');
    expect((await cli.run(['add', '--run', '-q', '--trust', 'x'])).stdout).toBe('x');
    expect(await cli.tasks()).toHaveLength(1);
  });

  test('a check of a row waits for agreement', async () => {
    const cli = new Cli();
    const input = '{"description":"echo x","check":"touch ran"}';
    const args = [...SH, '-q', '-', '--format', 'jsonl'];
    const { stdout, stderr, code } = await cli.run(args, { input });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain('came with a check that nobody agreed to');
    expect((await cli.run([...args, '--trust'], { input })).stdout).toBe('x\n');
  });

  test.each([
    [['--exec', 'sh', 'x'], '--exec is for --run; give that too\n'],
    [['--no-verify', 'x'], '--no-verify is for --run; give that too\n'],
    [['--run', '--stay', 'x'], '--run and --stay contradict each other; give one of them\n'],
    [
      ['--run', '--exec', 'sh', '--model', 'm', 'x'],
      '--exec and --model contradict each other; give one of them\n',
    ],
    [['--run', '--exec', 'no-such-program', 'x'], 'The command of --exec cannot be started: no-such-program'],
  ])('%j is a usage error', async (args, said) => {
    const cli = new Cli();
    const { stderr, code } = await cli.run(['add', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('orch add --run and signals', () => {
  const HELD = 'touch started; read line < go; echo "$line"';

  test('Ctrl-C lets it finish: the result is printed, and the code is 130', async () => {
    const cli = new Cli();
    const letGo = gate(cli);
    const child = cli.start([...SH, '-q', HELD]);
    const result = resultOf(child);
    await cli.appears('started');
    const stopping = says(child, 'Stopping: ');
    child.kill('SIGINT');
    await stopping;
    letGo();
    expect(await result).toMatchObject({ stdout: 'go\n', code: 130 });
  });

  test('SIGTERM ends it: nothing is printed, and the task is pending', async () => {
    const cli = new Cli();
    gate(cli);
    const child = cli.start([...SH, '-q', HELD]);
    const result = resultOf(child);
    await cli.appears('started');
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ stdout: '', code: 143 });
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });
});
