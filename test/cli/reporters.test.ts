import { describe, expect, test } from 'vitest';
import { briefEvent } from '../../src/cli/reporters/json.ts';
import { LinesReporter } from '../../src/cli/reporters/lines.ts';
import { SummaryReporter } from '../../src/cli/reporters/summary.ts';
import { survey } from '../../src/cli/survey.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Task } from '../../src/model/task.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';

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
const failed: RunEvent = {
  event: 'task:fail',
  ...meta,
  task: { ...task, status: 'failed' },
  attempt: 1,
  error: { kind: 'rejected', message: 'too long' },
};

test('the summary says what may have been billed beside what was', async () => {
  const printed: string[] = [];
  const reporter = new SummaryReporter({
    columns: () => Infinity,
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
    expect(await lines(later)).toEqual(['↻ task-001  retry (not served, in 3s)  busy']);
  });

  test('fits the screen', async () => {
    expect(await lines(started, 30)).toEqual(['▶ task-001  started  do it now']);
    expect(await lines(started, 28)).toEqual(['▶ task-001  started', '  do it now']);
    expect(await lines(started, 10)).toEqual(['▶ task-00…', '  do it n…']);
    const long: RunEvent = { ...started, task: { ...task, description: 'a description of some length' } };
    expect(await lines(long, 40)).toEqual(['▶ task-001  started  a description of s…']);
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
      '· waits for what is due  not before 1 January 2040 at 00:00 UTC',
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

describe('SummaryReporter', () => {
  async function stopped(tasks: Task[], events: RunEvent[] = []): Promise<string[]> {
    const lines: string[] = [];
    const summary = new SummaryReporter({
      columns: () => Infinity,
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
    for (const event of events) summary.onEvent(event);
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

  test('a task that ended and came back is told as it ended last', async () => {
    const bare: RunEvent = { ...completed, task: { ...completed.task, verified: false } };
    const lines = await stopped([], [started, failed, started, bare, started, completed]);
    expect(lines).toEqual([
      '',
      '1 completed, 0 failed, success rate 100 %, 1s',
      'Ended early (stopped): nothing is left to do',
    ]);
    const failedLast = await stopped([], [started, completed, started, failed]);
    expect(failedLast).toContain('✗ task-001  rejected: too long');
    expect(failedLast.join('\n')).not.toContain('unverified');
  });
});

describe('briefEvent', () => {
  test('has name, time and run first, and the task without history', () => {
    expect(Object.keys(briefEvent(started))).toEqual(['event', 'at', 'run', 'task', 'attempt', 'resumed']);
    expect(briefEvent(started)).not.toHaveProperty('task.history');
  });
});

describe('in full', () => {
  async function verbose(event: RunEvent, columns = Infinity): Promise<string[]> {
    const printed: string[] = [];
    const print = (line: string) => printed.push(line);
    const reporter = new LinesReporter({
      print,
      paint: await paint(false),
      verbose: true,
      columns: () => columns,
    });
    reporter.onEvent(event);
    return printed;
  }

  const verdict = {
    passed: false,
    confidence: 0.9,
    feedback: 'Too long.\nCut it.',
    issues: ['a: one\ntwo', 'b'],
  };

  test('a rejected attempt has its feedback and its issues below it', async () => {
    const retry = { event: 'task:retry', ...meta, task, attempt: 1, cause: 'rejected' } as const;
    expect(await verbose({ ...retry, reason: verdict.feedback, verdict })).toEqual([
      '↻ task-001  retry (rejected)  Too long.',
      ...['  │ Too long.', '  │ Cut it.', '  │ - a: one', '  │   two', '  │ - b'],
    ]);
    expect(await verbose({ ...retry, reason: 'below 0.7', verdict })).toHaveLength(7);
  });

  test('what is reason, feedback and issue is said once', async () => {
    const retry = { event: 'task:retry', ...meta, task, attempt: 1, cause: 'rejected' } as const;
    const feedback = 'It does not match.';
    const same = { ...verdict, feedback, issues: [feedback] };
    expect(await verbose({ ...retry, reason: feedback, verdict: same })).toHaveLength(1);
    const listed = { ...verdict, feedback: 'Not yet:\n- a\n- b', issues: ['a', 'b', 'c'] };
    expect(await verbose({ ...retry, reason: listed.feedback, verdict: listed })).toEqual([
      '↻ task-001  retry (rejected)  Not yet:',
      ...['  │ Not yet:', '  │ - a', '  │ - b', '  │ - c'],
    ]);
    const error = { kind: 'repeated', message: `attempt 2 gave that again: ${feedback}` } as const;
    const repeated = await verbose({ event: 'task:fail', ...meta, task, attempt: 2, error, verdict: same });
    expect(repeated.join('\n').split(feedback)).toHaveLength(2);
  });

  test('on a screen it is broken between words, and each line has the mark', async () => {
    const retry = { event: 'task:retry', ...meta, task, attempt: 1, cause: 'rejected' } as const;
    const issues = ['the last line has nine syllables, not five', 'x'.repeat(40)];
    const long = { ...verdict, feedback: 'Two lines are too long for a haiku.', issues };
    expect(await verbose({ ...retry, reason: long.feedback, verdict: long }, 24)).toEqual([
      '↻ task-001  retry (reje…',
      '  Two lines are too lon…',
      '  │ Two lines are too',
      '  │ long for a haiku.',
      '  │ - the last line has',
      '  │   nine syllables,',
      '  │   not five',
      '  │ -',
      `  │   ${'x'.repeat(18)}`,
      `  │   ${'x'.repeat(18)}`,
      `  │   ${'x'.repeat(4)}`,
    ]);
  });

  test('a failure has its message whole, made harmless', async () => {
    const error = {
      kind: 'failed',
      message: `exit status 3\n::error::x\n\u001b[2Jend ${'x'.repeat(300)}`,
    } as const;
    expect(await verbose({ event: 'task:fail', ...meta, task, attempt: 1, error })).toEqual([
      '✗ task-001  failed  exit status 3',
      ...['  │ exit status 3', '  │ ::error::x', `  │ end ${'x'.repeat(300)}`],
    ]);
  });

  test('what says all in its line has nothing below it', async () => {
    expect(await verbose(completed)).toHaveLength(1);
    const retry = {
      event: 'task:retry',
      ...meta,
      task,
      attempt: 1,
      cause: 'failed',
      reason: 'exit 3',
    } as const;
    expect(await verbose(retry)).toEqual(['↻ task-001  retry (failed)  exit 3']);
  });
});
