import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { heartbeatMs, isSeen } from '../../../src/cli/heartbeat.ts';
import { RunHeartbeat } from '../../../src/cli/reporters/run-heartbeat.ts';
import { tasksAhead } from '../../../src/cli/reporters/unwatched.ts';
import { survey } from '../../../src/cli/survey.ts';
import { timeOrOff } from '../../../src/cli/values.ts';
import type { RunEvent } from '../../../src/model/event.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { Cli, resultOf, says } from '../../support/cli.ts';
import { makeTask } from '../../support/task.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

const MINUTE = 60_000;
const meta = { at: '2026-01-01T00:00:00.000Z', run: 'run-1' };
const begun: RunEvent = { event: 'run:start', ...meta, concurrency: 4, others: 0 };
const starts = (id: string): RunEvent => ({
  event: 'task:start',
  ...meta,
  task: makeTask({ id }),
  attempt: 1,
  resumed: false,
});
const completes = (id: string): RunEvent => ({
  event: 'task:complete',
  ...meta,
  task: makeTask({ id }),
  attempt: 1,
});
const fails = (id: string): RunEvent => ({
  event: 'task:fail',
  ...meta,
  task: makeTask({ id }),
  attempt: 1,
  error: { kind: 'failed', message: 'no' },
});

/** A heartbeat whose lines count as output, as they do; `speaks` is somebody else's. */
function heart({ total }: { total: number | undefined } = { total: 9 }) {
  const time = new VirtualTime();
  const lines: string[] = [];
  let saidAt = 0;
  const speaks = (): void => {
    saidAt = time.now();
  };
  const say = (line: string): void => {
    lines.push(line);
    speaks();
  };
  const heartbeat = new RunHeartbeat({ everyMs: MINUTE, total, lastSaidAt: () => saidAt, say, time });
  return { time, lines, speaks, heartbeat };
}

test('what a run has ahead is neither what is blocked for good nor what is due later', async () => {
  const store = new MemoryTaskStore();
  await store.add([
    ...['broken', 'ready', 'other'].map((id) => ({ id, description: id })),
    { description: 'blocked for good', after: ['broken'] },
    { description: 'waits', after: ['ready'] },
    { description: 'later', notBefore: '2100-01-01T00:00:00.000Z' },
  ]);
  await store.cancel(['broken']);
  const found = await survey(store, { most: 0 });
  expect(tasksAhead({}, found)).toBe(3);
  expect(tasksAhead({ limit: 2 }, found)).toBe(2);
});

describe('the heartbeat of a run', () => {
  test('says how far the run is and what runs longest, each time that nothing was said for so long', async () => {
    const { time, lines, heartbeat } = heart();
    heartbeat.onEvent(begun);
    heartbeat.onEvent(starts('task-001'));
    await time.pass(10_000);
    for (const event of [starts('task-002'), starts('task-003'), completes('task-001'), fails('task-003')])
      heartbeat.onEvent(event);
    await time.pass(MINUTE - 10_001);
    expect(lines).toEqual([]);
    await time.pass(1);
    expect(lines).toEqual(['· 1 completed, 1 failed, 1 running, 6 to go, 1m; task-002 has run for 50s']);
    heartbeat.onEvent(completes('task-002'));
    await time.pass(MINUTE);
    expect(lines.slice(1)).toEqual(['· 2 completed, 1 failed, 0 running, 6 to go, 2m']);
  });

  test('waits as long after whatever else was said', async () => {
    const { time, lines, speaks, heartbeat } = heart();
    heartbeat.onEvent(begun);
    for (let i = 0; i < 5; i++) {
      await time.pass(50_000);
      speaks();
    }
    await time.pass(MINUTE - 1);
    expect(lines).toEqual([]);
    await time.pass(1);
    expect(lines).toHaveLength(1);
  });

  test('a task that waits for its service still runs; one that went back does not', async () => {
    const { time, heartbeat } = heart({ total: undefined });
    heartbeat.onEvent(begun);
    heartbeat.onEvent(starts('task-001'));
    const retry: RunEvent = {
      event: 'task:retry',
      ...meta,
      task: makeTask(),
      attempt: 1,
      cause: 'transient',
      reason: 'busy',
    };
    heartbeat.onEvent({ ...retry, delayMs: 1 });
    expect(heartbeat.text(0)).toBe('· 0 completed, 0 failed, 1 running, 0s; task-001 has run for 0s');
    heartbeat.onEvent({ ...retry, cause: 'rejected' });
    expect(heartbeat.text(0)).toBe('· 0 completed, 0 failed, 0 running, 0s');
    expect(time.timers).toBe(1);
  });

  test('says ages in full seconds', async () => {
    const { time, heartbeat } = heart();
    heartbeat.onEvent(begun);
    await time.pass(300);
    heartbeat.onEvent(starts('task-001'));
    await time.pass(2_900);
    expect(heartbeat.text(3_200)).toBe(
      '· 0 completed, 0 failed, 1 running, 8 to go, 3s; task-001 has run for 2s',
    );
  });

  test('a task that ended and came back counts as it ends now', () => {
    const { heartbeat } = heart({ total: undefined });
    for (const event of [begun, starts('task-001'), fails('task-001')]) heartbeat.onEvent(event);
    expect(heartbeat.text(0)).toBe('· 0 completed, 1 failed, 0 running, 0s');
    heartbeat.onEvent(starts('task-001'));
    expect(heartbeat.text(0)).toMatch('· 0 completed, 0 failed, 1 running, 0s');
    heartbeat.onEvent(completes('task-001'));
    expect(heartbeat.text(0)).toBe('· 1 completed, 0 failed, 0 running, 0s');
  });

  test('ends with the run', async () => {
    const { time, lines, heartbeat } = heart();
    heartbeat.onEvent(begun);
    heartbeat.close();
    await time.pass(5 * MINUTE);
    expect(lines).toEqual([]);
    expect(time.timers).toBe(0);
  });
});

test.each([
  ['off', 0],
  ['0', 0],
  ['30s', 30_000],
  ['2m', 120_000],
])('--heartbeat %s', (text, ms) => expect(timeOrOff(text, '--heartbeat')).toBe(ms));

test.each<[number | undefined, boolean, boolean, number | undefined]>([
  [undefined, false, false, MINUTE],
  [undefined, true, false, undefined],
  [5, true, false, 5],
  [0, false, false, undefined],
  [undefined, false, true, undefined],
  [5, false, true, undefined],
])('asked for %j, quiet %j, watched %j: every %j ms', (asked, quiet, isWatched, ms) =>
  expect(heartbeatMs(asked, { quiet, isWatched })).toBe(ms),
);

test('output that nobody sees breaks no silence: JSON, and what goes to a file or to /dev/null', () => {
  const out = { isTTY: false, isFIFO: () => false, isSocket: () => false };
  expect(isSeen(out, false)).toBe(false);
  for (const kind of [{ isTTY: true }, { isFIFO: () => true }, { isSocket: () => true }]) {
    expect(isSeen({ ...out, ...kind }, false)).toBe(true);
    expect(isSeen({ ...out, ...kind }, true)).toBe(false);
  }
});

describe('orch run --heartbeat', () => {
  async function silent(args: string[], until: 'heartbeat' | 'go') {
    const cli = new Cli();
    await cli.add('x');
    execFileSync('mkfifo', [cli.path('go')]);
    const child = cli.start(['run', '--exec', 'touch started; cat go', ...args]);
    const result = resultOf(child);
    if (until === 'heartbeat') await says(child, 'task-001 has run for', 'stderr');
    await cli.appears('started');
    cli.write('go', '');
    return result;
  }

  test.each([[[]], [['--json']], [['-q']]])(
    'a silent run says on standard error that it works %j',
    async (args) => {
      const { stdout, stderr, code } = await silent(['--heartbeat', '20ms', ...args], 'heartbeat');
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^(· \d completed, 0 failed, \d running(, 1 to go)?, \d+s(; task-001 has run for \d+s)?\n)+$/,
      );
      expect(stdout).not.toContain('has run for');
    },
  );

  test('not where that is switched off', async () => {
    expect((await silent(['--heartbeat', 'off'], 'go')).stderr).toBe('');
  });
});

describe('what else takes its time', () => {
  /** A command that has said nothing since it began, until it says that it is alive; then `go` lets it end. */
  async function alive(cli: Cli, args: string[], line: string, go: () => void) {
    const child = cli.start(args);
    const result = resultOf(child);
    await says(child, line, 'stderr');
    go();
    return result;
  }

  async function held(): Promise<Cli> {
    const cli = new Cli();
    execFileSync('mkfifo', [cli.path('go')]);
    return cli;
  }

  test.each([[['--heartbeat', '20ms']], [['--heartbeat', '20ms', '--json']]])(
    'orch wait says what has not ended %j',
    async (args) => {
      const cli = await held();
      await cli.here(['add', '-'], { input: 'cat go\n'.repeat(5) });
      await cli.here(['cancel', 'task-002']);
      const run = cli.run(['run', '--exec', 'touch started; sh', '-j', '1', '--limit', '1']);
      await cli.appears('started');
      const rest = ['task-003', 'task-004', 'task-005'];
      const { stdout, stderr, code } = await alive(cli, ['wait', ...args], 'have not ended', () => {
        cli.write('go', '');
        void run.then(() => cli.here(['cancel', ...rest]));
      });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^· 4 of 5 tasks have not ended, \d+s: task-001, task-003, task-004 and 1 more$/m,
      );
      expect(stdout).not.toContain('not ended');
    },
  );

  test('orch audit says how far it is', async () => {
    const cli = await held();
    await cli.here(['add', 'one']);
    await cli.run(['run', '--exec', 'cat']);
    const args = ['audit', '--check', 'cat go', '--heartbeat', '20ms'];
    const result = await alive(cli, args, '· 0 results audited, 0 no longer hold, ', () =>
      cli.write('go', ''),
    );
    expect(result).toMatchObject({ stdout: '1 result holds, 0 no longer\n', code: 0 });
  });

  test('as the environment says, unless the command line has another word', async () => {
    const cli = await held();
    await cli.here(['add', 'one']);
    const env = { ORCH_HEARTBEAT: '1ms' };
    const silent = cli.start(['wait', '--heartbeat', 'off'], { env });
    const [alone, result] = [says(silent, 'No run works'), resultOf(silent)];
    await alone;
    const beating = cli.start(['wait'], { env });
    await says(beating, '· 1 of 1 task has not ended, ');
    await cli.here(['cancel', 'task-001']);
    expect((await result).stderr).toBe('No run works on tasks.json; waiting for one (orch run)\n');
  });
});
