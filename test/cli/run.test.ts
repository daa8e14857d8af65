import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

async function withTasks(...lines: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...lines);
  return cli;
}

const SECRET = 'sk-ant-test-0000';

describe('orch run', () => {
  test('does tasks by a command, and says what happened, without escape codes or carriage returns', async () => {
    const cli = await withTasks('echo one', 'echo two');
    const { stdout, stderr, code } = await cli.run(['run', '--exec', 'sh', '-j', '1']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\r');
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '▶ task-001  started  echo one',
      '✓ task-001  completed, unverified',
      '▶ task-002  started  echo two',
      '✓ task-002  completed, unverified',
      '',
      expect.stringMatching(/^2 completed \(2 unverified\), 0 failed, success rate 100 %, /),
    ]);
  });

  test('a check that rejects sends the task back, with its reason in the line', async () => {
    const cli = await withTasks('test "$ORCH_ATTEMPT" = 2 && echo good || echo bad');
    const check = 'grep -q good || { echo "not good yet"; exit 1; }';
    const { stdout, code } = await cli.run(['run', '--exec', 'sh', '--check', check]);
    expect(code).toBe(0);
    expect(stdout).toContain('↻ task-001  retry (rejected)  not good yet\n');
    expect(stdout).toContain('✓ task-001  completed  at attempt 2\n');
    expect(stdout).toContain('1 retried');
    expect((await cli.tasks())[0]).toMatchObject({ verified: true, attempts: 2, result: 'good\n' });
  });

  test('a failed task gives 1, and the summary says why and what to type next', async () => {
    const cli = await withTasks('exit 3');
    await cli.add({ description: 'true', after: ['task-001'] });
    const { stdout, code } = await cli.run(['run', '--exec', 'sh', '--max-attempts', '1']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n✗ task-001 {2}.*3\n· task-002 {2}blocked by task-001 \(failed\)\n/);
    expect(stdout).toContain('Next: orch show task-001, or orch retry task-001 and orch run\n');
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(1);
    const named = await cli.run(['--store', './tasks.json', 'run', '--exec', 'sh']);
    expect(named.stdout).toContain('orch --store ./tasks.json show task-001');
  });

  test('-q prints problems alone', async () => {
    const cli = await withTasks('true', 'exit 3');
    const { stdout } = await cli.run(['run', '-q', '--exec', 'sh', '--no-retry']);
    expect(stdout).toMatch(/^✗ task-002 .*\nNext: .*\n$/);
    expect((await cli.run(['run', '-q', '--exec', 'sh'])).stdout).toBe('');
  });

  test('says so, and why, when nothing ran', async () => {
    const cli = await withTasks('true');
    await cli.run(['run', '--exec', 'sh']);
    const again = await cli.run(['run', '--exec', 'sh']);
    expect(again).toMatchObject({ stdout: '\nNothing ran: all tasks are completed\n', code: 0 });
    await cli.here(['add', '--not-before', '2040-01-01T00:00Z', 'x']);
    expect((await cli.run(['run', '--exec', 'sh'])).stdout).toContain(
      'task-002 is due next, not before 1 January 2040 at 00:00 UTC',
    );
  });

  test('tasks that wait for each other are blocked for good, and said to be', async () => {
    const cli = new Cli();
    const task = (id: string, after: string[]) => ({
      id,
      description: id,
      status: 'pending',
      attempts: 0,
      priority: 0,
      after,
      createdAt: '2030-01-01T00:00:00.000Z',
      history: [],
    });
    const tasks = [task('a', ['b']), task('b', ['a']), task('c', ['a'])];
    cli.write('tasks.json', JSON.stringify({ version: 1, revision: 1, nextId: 1, tasks }, null, 2));
    const { stdout, code } = await cli.run(['run', '--exec', 'cat']);
    expect(code).toBe(1);
    expect(stdout).toContain('· a  waits for itself: a, b\n');
    expect(stdout).toContain('· b  waits for itself: a, b\n');
    expect(stdout).toContain('· c  blocked by a (pending)\n');
    expect((await cli.here(['status'])).stdout).toContain('· a  waits for itself: a, b\n');
    expect((await cli.here(['list'])).stdout).toMatch(/^· a {10}blocked {5}a - waits for itself: a, b\n/);
  });

  test('a key that a check prints does not reach the store', async () => {
    const cli = await withTasks('true');
    const env = { ANTHROPIC_API_KEY: 'made-up-0000' };
    const check = 'echo "key $ANTHROPIC_API_KEY"; exit 1';
    await cli.here(['add', '--check', check, 'true']);
    const { stdout, code } = await cli.run(['run', '--exec', 'sh', '--check', check, '--json'], { env });
    expect(code).toBe(1);
    expect(stdout).toContain('key [redacted]');
    expect(stdout + JSON.stringify(await cli.tasks())).not.toContain('made-up-0000');
  });

  test('--limit is a normal end; a safety check gives 3; a missing store 2', async () => {
    const cli = await withTasks('true', 'true', 'exit 3', 'true');
    expect((await cli.run(['run', '--exec', 'sh', '--limit', '1', '-j', '1'])).code).toBe(0);
    const iterations = await cli.run(['run', '--exec', 'sh', '--max-iterations', '1', '-j', '1']);
    expect(iterations.code).toBe(3);
    expect(iterations.stdout).toContain('Ended early (safety): ');
    const failures = await cli.run([
      'run',
      '--exec',
      'sh',
      '--max-failures',
      '1',
      '--max-attempts',
      '1',
      '-j',
      '1',
    ]);
    expect(failures.code).toBe(3);
    expect((await cli.tasks()).map((task) => task.status)).toEqual([
      'completed',
      'completed',
      'failed',
      'pending',
    ]);
    const missing = await cli.run(['run', '--exec', 'sh', '--store', 'none.json']);
    expect(missing).toMatchObject({ stdout: '', code: 2 });
    expect(missing.stderr).toContain('none.json');
  });

  test('a store that cannot be read gives 4 and stays as it was', async () => {
    const cli = new Cli();
    cli.write('tasks.json', '{ "version": 1,\n oops');
    const { stdout, stderr, code } = await cli.run(['run', '--exec', 'sh', '--json']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 4 });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'store-unusable' } });
    expect(cli.read('tasks.json')).toBe('{ "version": 1,\n oops');
  });

  test('--json is an event a line, tasks without history, long texts cut and named', async () => {
    const cli = await withTasks(`head -c 5000 /dev/zero | tr '\\0' x`);
    const { stdout, stderr, code } = await cli.run(['run', '--exec', 'sh', '--json']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const events = jsonLines(stdout);
    expect(events.map((event) => event.event)).toEqual([
      'run:start',
      'task:start',
      'task:execute',
      'task:complete',
      'run:end',
    ]);
    for (const event of events)
      expect(event).toMatchObject({ at: expect.stringMatching(/Z$/), run: events[0]?.run });
    expect(events[2]).toMatchObject({ truncated: ['result.output'], result: { output: 'x'.repeat(4096) } });
    expect(events[3]).toMatchObject({ task: { id: 'task-001', verified: false, truncated: ['result'] } });
    expect(events[3]?.task).not.toHaveProperty('history');
    expect(events[4]).toMatchObject({ stats: { processed: 1, completed: 1, failed: 0, successRate: 1 } });
  });

  test('without credentials it ends with 2 before anything is claimed, and names the ways out', async () => {
    const cli = await withTasks('x');
    const before = cli.read('tasks.json');
    for (const args of [['run'], ['run', '--exec', 'sh', '--judge']]) {
      const { stdout, stderr, code } = await cli.here(args);
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
      expect(stderr).toContain('set ANTHROPIC_API_KEY');
    }
    expect((await cli.here(['run'])).stderr).toMatch(/--exec.*--simulate/);
    expect(cli.read('tasks.json')).toBe(before);
  });

  test('--simulate works on a copy, and says so', async () => {
    const cli = await withTasks('a', 'b', 'c');
    await cli.add({ description: 'd', after: ['task-001'] });
    const before = cli.read('tasks.json');
    const { stdout, code } = await cli.run(['run', '--simulate'], { env: { ANTHROPIC_API_KEY: SECRET } });
    expect(code).toBe(0);
    expect(stdout).toContain('Simulated, on a copy: the store stays as it is\n');
    expect(stdout).toContain('4 completed, 0 failed');
    expect(cli.read('tasks.json')).toBe(before);
  });

  test.each([
    ['--max-cost', '1'],
    ['--max-task-cost', '0.0001'],
  ])('--simulate %s %s: simulated calls cost nothing, so that any cap holds', async (...cap) => {
    const cli = await withTasks('a', 'b');
    const { stdout, stderr, code } = await cli.run(['run', '--simulate', ...cap]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('2 completed, 0 failed');
  });

  test('--dry-run says what would run, in order, and changes nothing', async () => {
    const cli = await withTasks('low', 'high waits', 'other');
    await cli.here(['add', '-p', '9', '--after', 'task-003', 'after other']);
    await cli.here(['add', '-p', '5', 'urgent']);
    await cli.here(['add', '--not-before', '2040-01-01', 'later']);
    const before = cli.read('tasks.json');
    const { stdout, code } = await cli.here(['run', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout.match(/task-\d+/g)).toEqual(['task-005', 'task-001', 'task-002', 'task-003', 'task-004']);
    const limited = await cli.here(['run', '--dry-run', '--limit', '2', '--json']);
    const [first, second, ahead] = jsonLines(limited.stdout);
    expect([first?.id, second?.id]).toEqual(['task-005', 'task-001']);
    expect(ahead).toEqual({
      schemaVersion: 1,
      forecast: { calls: 4, inputTokens: expect.any(Number), mostUsd: expect.any(Number) },
    });
    expect(cli.read('tasks.json')).toBe(before);
  });

  test('--sample runs the sample tasks on a scratch copy, simulated where there are no credentials', async () => {
    const cli = new Cli();
    const { stdout, code } = await cli.run(['run', '--sample'], { env: { TMPDIR: cli.dir } });
    expect(code).toBe(0);
    expect(stdout).toContain('Simulated, because there are no credentials');
    expect(stdout).not.toContain('the store stays as it is');
    expect(stdout).toContain('3 completed, 0 failed');
    const store = /scratch copy: (.*)/.exec(stdout)?.[1] ?? '';
    expect(store.startsWith(cli.dir)).toBe(true);
    expect((await cli.run(['--store', store, 'list'])).stdout).toContain('✓ task-003');
    expect(stdout).toMatch(/^Next: orch --store .* --result$/m);
  });

  test('started by npm, what it says to type next begins with npx', async () => {
    const cli = new Cli();
    await cli.add('one');
    const { stdout } = await cli.run(['run', '--exec', 'cat'], { env: { npm_command: 'run-script' } });
    expect(stdout).toContain('Next: npx orch show task-001 --result\n');
  });

  test('100 shell tasks with a check end with the right exit code', async () => {
    const fate = (i: number) => (i % 10 === 3 ? 'exit 3' : i % 10 === 7 ? 'echo bad' : 'echo ok');
    const cli = await withTasks(...Array.from({ length: 100 }, (_, i) => `${fate(i)} # ${i}`));
    const args = [
      'run',
      '--exec',
      'sh',
      '--check',
      'grep -q ok',
      '-j',
      '8',
      '--max-attempts',
      '1',
      '--max-failures',
      '100',
    ];
    const { stdout, code } = await cli.run([...args, '--json']);
    expect(code).toBe(1);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      stats: { processed: 100, completed: 80, failed: 20, attempts: 100 },
    });
    await cli.here(['clean']);
    expect(await cli.tasks()).toHaveLength(20);
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(0);
  });

  test.each<[string[], string]>([
    [['--concurrency', 'x'], 'Expected --concurrency to be a whole number of at least 1, got "x"'],
    [['-j', '0'], 'Expected --concurrency to be a whole number of at least 1, got "0"'],
    [['--min-confidence', '1.5'], 'Expected --min-confidence to be a number from 0 to 1, got "1.5"'],
    [['--max-duration', '5'], 'Expected --max-duration to have a unit, such as 5s, 5m or 5d, got "5"'],
    [
      ['--task-timeout', '5m30'],
      'Expected --task-timeout to be a duration such as 90s, 5m, 1h30m or 250ms, got "5m30"',
    ],
    [['--exec', ' '], 'Expected --exec to be a text, got a blank one'],
    [['--exec', 'sh', '--simulate'], '--exec and --simulate contradict each other; give one of them'],
    [['--exec', 'sh', '--model', 'm'], '--exec and --model contradict each other; give one of them'],
    [['--no-verify', '--check', 'true'], '--no-verify and --check contradict each other; give one of them'],
    [
      ['--no-retry', '--max-attempts', '2'],
      '--no-retry and --max-attempts contradict each other; give one of them',
    ],
    [['--dry-run', '--stay'], '--dry-run and --stay contradict each other; give one of them'],
    [
      ['--exec', 'sh', '--verifier-model', 'm'],
      '--verifier-model is for the judge, which is off with --exec; add --judge',
    ],
    [
      ['--exec', 'sh', '--judge-system', 'f'],
      '--judge-system is for the judge, which is off with --exec; add --judge',
    ],
    [['--exec', 'sh', '--escalate', 'm'], '--exec and --escalate contradict each other; give one of them'],
    [['--no-retry', '--escalate', 'm'], '--no-retry and --escalate contradict each other; give one of them'],
    [['--escalate', 'a,,b'], 'Expected --escalate to be names separated by commas, got "a,,b"'],
    [['--effort', 'huge'], 'Expected --effort to be one of low, medium, high, xhigh, max, got "huge"'],
    [['--max-tokens', '128001'], 'Expected --max-tokens to be a whole number from 1 to 128000, got "128001"'],
    [['--concurency', '3'], "Unknown option '--concurency'; did you mean --concurrency?"],
    [['extra'], 'There is no task "extra"; orch list shows those there are'],
    [['--model'], '--model needs a value: --model <model>'],
  ])('%j is a usage error in one sentence', async (args, message) => {
    const cli = await withTasks('x');
    const { stdout, stderr, code } = await cli.here(['run', ...args]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
