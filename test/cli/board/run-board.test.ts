import { describe, expect, test } from 'vitest';
import { RunBoard } from '../../../src/cli/board/run-board.ts';
import type { EventMap, EventName, RunEvent, StopReason } from '../../../src/model/event.ts';
import type { Task } from '../../../src/model/task.ts';

const START = Date.parse('2030-01-01T00:00:00Z');

function task(id: string): Task {
  const created = '2029-01-01T00:00:00.000Z';
  return {
    id,
    description: `do ${id}`,
    status: 'in_progress',
    attempts: 0,
    priority: 0,
    createdAt: created,
    history: [],
  };
}

/** A board that is told things a second apart, the first of them the start of the run. */
function told(known = 4) {
  const board = new RunBoard(known, (text) => text.replace('secret', '[redacted]'));
  let now = START;
  const tell = <N extends EventName>(event: N, payload: EventMap[N]): void => {
    board.onEvent({ event, at: new Date(now).toISOString(), run: 'r', ...payload } as unknown as RunEvent);
    now += 1000;
  };
  tell('run:start', { concurrency: 2, others: 0 });
  return { board, tell, seen: () => board.at(now) };
}

const output = { success: true, output: 'x' } as const;
const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0.25 };

describe('the board of a run', () => {
  test('follows a task from its start to its end', () => {
    const { tell, seen } = told();
    const one = task('task-001');
    tell('task:start', { task: one, attempt: 1, resumed: false });
    expect(seen().running).toMatchObject([
      { id: 'task-001', description: 'do task-001', attempt: 1, phase: 'executing', since: START + 1000 },
    ]);
    tell('task:execute', { task: one, attempt: 1, result: { ...output, usage } });
    expect(seen().running).toMatchObject([{ phase: 'verifying' }]);
    const verdict = { passed: true, confidence: 1, feedback: '', issues: [] };
    tell('task:verify', { task: one, attempt: 1, verification: { ...verdict, usage } });
    tell('task:complete', { task: one, attempt: 1 });
    expect(seen()).toMatchObject({
      running: [],
      total: 4,
      completed: 1,
      failed: 0,
      cost: '$0.5000',
      startedAt: START,
    });
  });

  test('counts a task that was sent back once, and again when it starts', () => {
    const { tell, seen } = told();
    for (const attempt of [1, 2]) {
      tell('task:start', { task: task('a'), attempt, resumed: false });
      tell('task:retry', { task: task('a'), attempt, cause: 'rejected', reason: 'no' });
    }
    expect(seen()).toMatchObject({ running: [], retried: 1 });
    tell('task:start', { task: task('a'), attempt: 3, resumed: true });
    expect(seen().running).toMatchObject([{ attempt: 3, phase: 'verifying' }]);
    tell('task:fail', { task: task('a'), attempt: 3, error: { kind: 'rejected', message: 'no' } });
    expect(seen()).toMatchObject({ running: [], retried: 1, failed: 1 });
  });

  test('says that a task waits to be tried again, for as long as it does', () => {
    const { tell, seen } = told();
    tell('task:start', { task: task('a'), attempt: 1, resumed: false });
    const failure = { kind: 'transient', message: 'busy' } as const;
    tell('task:execute', { task: task('a'), attempt: 1, result: { success: false, error: failure } });
    const retry = { task: task('a'), attempt: 1, cause: 'transient', reason: 'busy' } as const;
    tell('task:retry', { ...retry, delayMs: 1500 });
    expect(seen().running).toMatchObject([{ phase: 'waiting' }]);
    tell('budget:resume', {});
    expect(seen().running).toMatchObject([{ phase: 'executing' }]);
    expect(seen().retried).toBe(0);
  });

  test('lets go of what was released or lost', () => {
    const { tell, seen } = told();
    for (const id of ['a', 'b']) tell('task:start', { task: task(id), attempt: 1, resumed: false });
    tell('task:release', { task: task('a'), reason: 'stopped' });
    tell('task:lost', { task: task('b'), reason: 'cancelled' });
    expect(seen()).toMatchObject({ running: [], completed: 0, failed: 0 });
  });

  test('a task that ended and is done again counts once', () => {
    const { tell, seen } = told();
    tell('task:fail', { task: task('a'), attempt: 1, error: { kind: 'failed', message: 'no' } });
    tell('task:start', { task: task('a'), attempt: 1, resumed: false });
    tell('task:complete', { task: task('a'), attempt: 1 });
    expect(seen()).toMatchObject({ completed: 1, failed: 0 });
  });

  test('grows where more tasks come than were known', () => {
    const { tell, seen } = told(1);
    for (const id of ['a', 'b']) tell('task:start', { task: task(id), attempt: 1, resumed: false });
    tell('task:complete', { task: task('a'), attempt: 1 });
    expect(seen().total).toBe(2);
  });

  test('says what is waited for, until it is not', () => {
    const { tell, seen } = told();
    const pool = { spentUsd: 0, reservedUsd: 1, capUsd: 1 };
    tell('budget:wait', { pool });
    expect(seen().notes).toEqual(['waiting for money that calls have set aside']);
    tell('budget:wait', { pool, reason: 'task-001 waits' });
    expect(seen().notes).toEqual(['waiting for the budget of another run']);
    tell('budget:resume', {});
    tell('run:pause', {});
    expect(seen().notes).toEqual(['paused: nothing new is started until orch resume']);
    tell('run:resume', {});
    tell('run:wait', { dueAt: '2030-01-02T00:00:00.000Z' });
    expect(seen().notes).toEqual(['waiting for what is due, not before tomorrow at 00:00 UTC']);
    tell('task:start', { task: task('a'), attempt: 1, resumed: false });
    expect(seen().notes).toEqual([]);
  });

  test('of a run that is to stop says what is still waited for; a limit on what it starts is no such end', () => {
    const { board, tell, seen } = told();
    let reason: StopReason | undefined;
    board.onStop(() => reason);
    for (const id of ['a', 'b']) tell('task:start', { task: task(id), attempt: 1, resumed: false });
    expect(seen()).toMatchObject({ startsNothing: false, notes: [] });
    reason = { kind: 'limit', message: 'it started 2 tasks' };
    expect(seen()).toMatchObject({ startsNothing: false, notes: [] });
    reason = { kind: 'stopped', message: 'it was stopped' };
    expect(seen()).toMatchObject({ startsNothing: true, notes: ['stopping: waiting for 2 running tasks'] });
    tell('run:pause', {});
    for (const id of ['a', 'b']) tell('task:release', { task: task(id), reason: 'stopped' });
    expect(seen().notes).toEqual(['stopping']);
  });

  test('a run that has had nothing to do for a while says so, and promises no end', () => {
    const { board, tell } = told();
    const one = task('task-001');
    tell('task:start', { task: one, attempt: 1, resumed: false });
    tell('task:complete', { task: one, attempt: 1 });
    const endedAt = START + 2000;
    expect(board.at(endedAt + 1999)).toMatchObject({ notes: [], startsNothing: false });
    expect(board.at(endedAt + 2000)).toMatchObject({
      notes: ['nothing to do at the moment'],
      startsNothing: true,
    });
    tell('task:start', { task: task('task-002'), attempt: 1, resumed: false });
    expect(board.at(endedAt + 9000)).toMatchObject({ notes: [], startsNothing: false });
  });

  test('a run that is paused starts nothing', () => {
    const { tell, seen } = told();
    tell('task:start', { task: task('task-001'), attempt: 1, resumed: false });
    tell('run:pause', {});
    expect(seen().startsNothing).toBe(true);
    tell('run:resume', {});
    expect(seen().startsNothing).toBe(false);
  });

  test('tells how limits are used as it is then', () => {
    const { board, seen } = told();
    let inFlight = 1;
    board.onLimits(() => [{ model: 'm', limits: {}, inFlight, waiting: 0 }]);
    inFlight = 2;
    expect(seen().limits).toMatchObject([{ inFlight: 2 }]);
  });

  test('a price that is not known is no small cost', () => {
    const { tell, seen } = told();
    const unpriced = { inputTokens: 1, outputTokens: 1 };
    tell('task:execute', { task: task('a'), attempt: 1, result: { ...output, usage } });
    tell('task:execute', { task: task('b'), attempt: 1, result: { ...output, usage: unpriced } });
    expect(seen().cost).toBe('cost unknown');
  });

  test('shows no text before it is cleaned', () => {
    const { tell, seen } = told();
    tell('task:start', { task: { ...task('a'), description: 'my secret' }, attempt: 1, resumed: false });
    expect(seen().running[0]?.description).toBe('my [redacted]');
  });
});
