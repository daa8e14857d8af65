import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { briefEvent } from '../../src/cli/reporters/json.ts';
import { LinesReporter } from '../../src/cli/reporters/lines.ts';
import { LiveReporter } from '../../src/cli/reporters/live.ts';
import { SummaryReporter } from '../../src/cli/reporters/summary.ts';
import { survey } from '../../src/cli/survey.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Task } from '../../src/model/task.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { Cli, HAS_SCRIPT, resultOf } from '../support/cli.ts';

const meta = { at: '2030-01-01T00:00:00.000Z', run: 'r' };
const task: Task = {
  id: 'task-001',
  description: 'do\nit \u001b[31mnow',
  status: 'in_progress',
  attempts: 0,
  priority: 0,
  createdAt: '2030-01-01T00:00:00.000Z',
  history: [],
};
const started: RunEvent = { event: 'task:start', ...meta, task, attempt: 1, resumed: false };
const completed: RunEvent = {
  event: 'task:complete',
  ...meta,
  task: { ...task, status: 'completed', verified: true },
  attempt: 1,
};

test('the summary says what may have been billed beside what was', async () => {
  const printed: string[] = [];
  const reporter = new SummaryReporter({
    print: (line) => printed.push(line),
    paint: await paint(false),
    quiet: false,
    hint: (command) => command,
    isCopy: false,
  });
  const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0.5, possibleUsd: 0.25 };
  const stats = {
    processed: 1,
    completed: 1,
    failed: 0,
    retried: 0,
    attempts: 1,
    elapsedSeconds: 1,
    successRate: 1,
  };
  reporter.onEvent({ event: 'run:end', ...meta, stats: { ...stats, usage, costUsd: 0.5 } });
  reporter.end(await survey(new MemoryTaskStore()));
  expect(printed).toContain(
    '1 completed, 0 failed, success rate 100 %, 1s, $0.5000, at most $0.2500 more for answers that were lost',
  );
});

describe('LinesReporter', () => {
  async function lines(event: RunEvent, columns = Infinity): Promise<string[]> {
    const printed: string[] = [];
    new LinesReporter({
      print: (line) => printed.push(line),
      paint: await paint(false),
      columns: () => columns,
    }).onEvent(event);
    return printed;
  }

  test('gives the first line of the reason for a retry, harmless for the terminal', async () => {
    const retry: RunEvent = {
      event: 'task:retry',
      ...meta,
      task,
      attempt: 1,
      cause: 'rejected',
      reason: 'too \u001b[31mlong\nmore',
    };
    expect(await lines(retry)).toEqual(['↻ task-001  retry (rejected)  too long']);
    const later: RunEvent = { ...retry, cause: 'transient', reason: 'busy', delayMs: 2500 };
    expect(await lines(later)).toEqual(['↻ task-001  retry (not served, in 2.5s)  busy']);
  });

  test('fits the screen', async () => {
    expect(await lines(started, 30)).toEqual(['▶ task-001  started  do it now']);
    expect(await lines(started, 28)).toEqual(['▶ task-001  started  do it…']);
  });

  test.each<[string, RunEvent]>([
    [
      '! task-001  lost  another run has taken it over',
      { event: 'task:lost', ...meta, task, reason: 'another run has taken it over' },
    ],
    [
      '· task-001  released  the run was stopped',
      { event: 'task:release', ...meta, task, reason: 'the run was stopped' },
    ],
    ['■ stopped by a safety check  enough', { event: 'safety:trip', ...meta, reason: 'enough' }],
    [
      '· waits for what is due  not before 2040-01-01 00:00:00 UTC',
      { event: 'run:wait', dueAt: '2040-01-01T00:00:00.000Z', ...meta },
    ],
    ['‖ paused', { event: 'run:pause', ...meta }],
    ['▶ resumed', { event: 'run:resume', ...meta }],
  ])('%s', async (line, event) => {
    expect(await lines(event)).toEqual([line]);
  });

  test('says once that calls wait for money', async () => {
    const printed: string[] = [];
    const reporter = new LinesReporter({
      print: (line) => printed.push(line),
      paint: await paint(false),
      columns: () => Infinity,
    });
    const wait: RunEvent = {
      event: 'budget:wait',
      ...meta,
      pool: { spentUsd: 0.25, reservedUsd: 0.75, capUsd: 1 },
    };
    for (const event of [wait, { event: 'budget:resume', ...meta } as RunEvent, wait])
      reporter.onEvent(event);
    expect(printed).toEqual([
      '· waits for money  $0.7500 of $1.00 is set aside by calls under way, $0.2500 is spent',
    ]);
    reporter.onEvent({ ...wait, reason: 'task-001 waits\nuntil' } as RunEvent);
    expect(printed.slice(1)).toEqual(['· waits for money  task-001 waits until']);
  });

  test('says when nothing verified a result', async () => {
    expect(await lines(completed)).toEqual(['✓ task-001  completed']);
    const bare: RunEvent = { ...completed, task: { ...completed.task, verified: false } };
    expect(await lines(bare)).toEqual(['✓ task-001  completed, unverified']);
  });
});

describe('LiveReporter', () => {
  function screen(columns = 80) {
    const stream = new PassThrough();
    const cursor = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true };
    return Object.assign(
      stream,
      { isTTY: true, columns, rows: 24 },
      cursor,
    ) as unknown as NodeJS.WriteStream & PassThrough;
  }

  test('counts done, running and failed, and reckons how long it takes', () => {
    let now = 1000;
    const live = new LiveReporter({ stream: screen(), total: 4, now: () => now });
    live.onEvent({ event: 'run:start', ...meta, concurrency: 2, others: 0 });
    live.onEvent(started);
    now += 10_000;
    expect(live.text()).toBe('0 done, 1 running, 0 failed, 10s');
    live.onEvent(completed);
    expect(live.text()).toBe('1 done, 0 running, 0 failed, 10s, about 30s left');
    const two = { ...task, id: 'task-002' };
    live.onEvent({ ...started, task: two });
    live.onEvent({
      event: 'task:retry',
      ...meta,
      task: two,
      attempt: 1,
      cause: 'transient',
      reason: 'busy',
      delayMs: 5,
    });
    expect(live.text()).toContain('1 done, 1 running');
    live.onEvent({
      event: 'task:fail',
      ...meta,
      task: two,
      attempt: 1,
      error: { kind: 'failed', message: 'x' },
    });
    expect(live.text()).toBe('1 done, 0 running, 1 failed, 10s, about 10s left');
    live.close();
  });

  test('says how a limit is used, and what calls wait for as long as they do', () => {
    const live = new LiveReporter({ stream: screen(), total: 4, now: () => 1000 });
    live.onEvent({ event: 'run:start', ...meta, concurrency: 2, others: 0 });
    const limits = { requests: { perMinute: 600, left: 0, used: 598 } };
    const state = { model: 'm', limits, inFlight: 17, waiting: 12 };
    live.onLimits(() => [{ ...state, waitsFor: 'requests' }]);
    expect(live.text()).toBe('0 done, 0 running, 0 failed, 12 waiting for requests (598 of 600/min), 0s');
    live.onLimits(() => [{ ...state, waiting: 0 }]);
    expect(live.text()).toBe('0 done, 0 running, 0 failed, requests 598 of 600/min, 0s');
    live.close();
  });

  test('says that calls wait for money, as long as they do', () => {
    const live = new LiveReporter({ stream: screen(), total: 4, now: () => 1000 });
    live.onEvent({ event: 'run:start', ...meta, concurrency: 2, others: 0 });
    live.onEvent({ event: 'budget:wait', ...meta, pool: { spentUsd: 0, reservedUsd: 1, capUsd: 1 } });
    expect(live.text()).toBe('0 done, 0 running, 0 failed, waiting for money that calls have set aside, 0s');
    const pool = { spentUsd: 0, reservedUsd: 0, capUsd: 1 };
    live.onEvent({ event: 'budget:wait', ...meta, pool, reason: 'task-001 waits' });
    expect(live.text()).toBe('0 done, 0 running, 0 failed, waiting for the budget of another run, 0s');
    live.onEvent({ event: 'budget:resume', ...meta });
    expect(live.text()).toBe('0 done, 0 running, 0 failed, 0s');
    live.close();
  });

  test('fits the screen, and writes nothing where it was never begun', () => {
    const stream = screen(20);
    const live = new LiveReporter({ stream, total: 1 });
    live.close();
    expect(stream.read()).toBeNull();
    live.onEvent({ event: 'run:start', ...meta, concurrency: 1, others: 0 });
    live.close();
    const shown = stripVTControlCharacters(String(stream.read()));
    expect(shown.length).toBeLessThan(20);
  });

  test.skipIf(!HAS_SCRIPT)('on a real terminal, lines scroll above it and nothing of it stays', async () => {
    const cli = new Cli();
    await cli.run(['add', 'true']);
    const { stdout } = await resultOf(cli.terminal('orch run --exec sh; echo "code $?"'));
    expect(stdout).toContain('0 done, 1 running');
    expect(stdout).not.toContain('\u001b[?25l');
    const rows = played(stdout);
    expect(rows[0]).toBe('▶ task-001  started  true');
    expect(rows[1]).toBe('✓ task-001  completed, unverified');
    expect(rows.slice(2).join('\n')).toMatch(/^\n1 completed \(1 unverified\), .*\nNext: .*\ncode 0\n?$/);
  });
});

/** What stands on the screen after all of this was written to it: as much of a terminal as ora needs. */
function played(text: string): string[] {
  return text.split('\r\n').map((line) => {
    const shown = line.split('\u001b[1G').at(-1) ?? '';
    return stripVTControlCharacters(shown).trimEnd();
  });
}

describe('SummaryReporter', () => {
  async function stopped(tasks: Task[]): Promise<string[]> {
    const lines: string[] = [];
    const summary = new SummaryReporter({
      isCopy: false,
      print: (line) => lines.push(line),
      paint: await paint(false),
      hint: (command) => command,
      quiet: false,
    });
    const stats = {
      processed: 1,
      completed: 1,
      failed: 0,
      retried: 0,
      attempts: 1,
      elapsedSeconds: 1,
      successRate: 1,
    };
    const stopReason = { kind: 'stopped', message: 'it was stopped' } as const;
    summary.onEvent({ event: 'run:end', ...meta, stats: { ...stats, stopReason } });
    summary.end(await survey(new MemoryTaskStore({ tasks })));
    return lines;
  }

  test('says of a run that was stopped what is left, and what to type', async () => {
    const one: Task = { ...task, status: 'pending' };
    const stuck: Task = { ...one, id: 'task-002', after: ['gone'] };
    expect(await stopped([one, stuck])).toContain(
      'Ended early (stopped): 1 task is left; run again to go on',
    );
    expect(await stopped([one, { ...one, id: 'task-002' }])).toContain(
      'Ended early (stopped): 2 tasks are left; run again to go on',
    );
    expect(await stopped([stuck])).toContain('Ended early (stopped): nothing is left to do');
  });
});

describe('briefEvent', () => {
  test('has name, time and run first, and the task without history', () => {
    expect(Object.keys(briefEvent(started))).toEqual(['event', 'at', 'run', 'task', 'attempt', 'resumed']);
    expect(briefEvent(started)).not.toHaveProperty('task.history');
  });
});
