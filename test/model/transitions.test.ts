import { expect, test } from 'vitest';
import { bestOutput } from '../../src/model/best-attempt.ts';
import { decide } from '../../src/model/decide.ts';
import type { RetryPolicy } from '../../src/model/settlement.ts';
import { attemptsSinceReset, checkpointOf, type Lease, type Task } from '../../src/model/task.ts';
import { checkpointed, claimed, created, reopened, resetTask, settled } from '../../src/model/transitions.ts';

const policy: RetryPolicy = { maxAttempts: 3, retry: true, minConfidence: 0.7 };
const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:01:00.000Z';
const lease: Lease = { taskId: 'task-001', run: 'run-1', token: 't1', since: at, expiresAt: later };
const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.5 };
const reject = { passed: false, confidence: 1, feedback: 'no', issues: [] };
const pass = { passed: true, confidence: 0.9, feedback: 'yes', issues: [] };

const fresh = (): Task => created({ description: 'x' }, 'task-001', at);
const running = (): Task => claimed(fresh(), lease);
const rejectedOnce = (): Task =>
  settled(
    running(),
    decide(running(), { type: 'judged', output: 'a', verdict: reject, usage }, policy),
    later,
  );

test('a new task has no property that says nothing', () => {
  expect(fresh()).toEqual({
    id: 'task-001',
    description: 'x',
    status: 'pending',
    attempts: 0,
    priority: 0,
    createdAt: at,
    history: [],
  });
  expect(Object.values(fresh())).not.toContain(undefined);
});

test('a claim opens an attempt and keeps the first start', () => {
  expect(running()).toMatchObject({ status: 'in_progress', startedAt: at, lease });
  expect(running().history).toEqual([{ number: 1, run: 'run-1', startedAt: at }]);
  expect(claimed(rejectedOnce(), { ...lease, since: later })).toMatchObject({ startedAt: at });
});

test('a claim of a checkpointed task goes on with the same attempt', () => {
  const kept = checkpointed(running(), { output: 'o', usage });
  expect(checkpointOf(kept)).toMatchObject({ output: 'o', usage });
  const released = settled(kept, decide(kept, { type: 'interrupted', reason: 'r' }, policy), later);
  expect(released).toMatchObject({ status: 'pending', attempts: 0 });
  const again = claimed(released, { ...lease, run: 'run-2' });
  expect(again.history).toHaveLength(1);
  expect(checkpointOf(again)).toMatchObject({ output: 'o', run: 'run-1', resumedBy: 'run-2' });
});

test('a rejected attempt is counted, its output and verdict kept, its cost added up', () => {
  const task = rejectedOnce();
  expect(task).toMatchObject({ status: 'pending', attempts: 1, usage });
  expect(task).not.toHaveProperty('lease');
  expect(task.history).toEqual([
    {
      number: 1,
      run: 'run-1',
      startedAt: at,
      endedAt: later,
      outcome: 'rejected',
      output: 'a',
      verdict: reject,
      usage,
    },
  ]);
});

test('a result is kept once: in the task, not in its history', () => {
  const again = checkpointed(claimed(rejectedOnce(), lease), { output: 'b' });
  const done = settled(
    again,
    decide(again, { type: 'judged', output: 'b', verdict: pass, usage }, policy),
    later,
  );
  expect(done).toMatchObject({
    status: 'completed',
    result: 'b',
    verified: true,
    confidence: 0.9,
    attempts: 2,
  });
  expect(done.usage).toEqual({ inputTokens: 20, outputTokens: 10, costUsd: 1 });
  expect(JSON.stringify(done).match(/"b"/g)).toHaveLength(1);
});

test('ending a task that has no open attempt does not count its last attempt again', () => {
  const task = rejectedOnce();
  const cancelled = settled(task, decide(task, { type: 'cancelled' }, policy), later);
  expect(cancelled).toMatchObject({ status: 'failed', attempts: 1, usage, error: { kind: 'cancelled' } });
  expect(cancelled.history).toEqual(task.history);
});

test('crashes are counted until there is progress', () => {
  const crash = (task: Task): Task => settled(task, decide(task, { type: 'crashed' }, policy), later);
  const once = crash(running());
  expect(once).toMatchObject({ status: 'pending', attempts: 0, crashes: 1 });
  const stopped = claimed(once, lease);
  expect(settled(stopped, decide(stopped, { type: 'interrupted', reason: 'r' }, policy), later).crashes).toBe(
    1,
  );
  const kept = checkpointed(claimed(once, lease), { output: 'o' });
  expect(kept).not.toHaveProperty('crashes');
  expect(crash(claimed(crash(claimed(once, lease)), lease))).toMatchObject({
    status: 'failed',
    error: { kind: 'crashed' },
  });
});

test('a reset starts clean and forgets nothing', () => {
  const kept = checkpointed(claimed(rejectedOnce(), lease), { output: 'o' });
  const reset = resetTask(kept, later);
  expect(reset).toMatchObject({ status: 'pending', attempts: 0 });
  expect(checkpointOf(reset)).toBeUndefined();
  expect(attemptsSinceReset(reset)).toEqual([]);
  expect(reset.history.map((attempt) => attempt.output)).toEqual(['a', 'o']);

  const paid = checkpointed(claimed(rejectedOnce(), lease), { output: 'o', usage });
  expect(resetTask(paid, later).usage).toEqual({ inputTokens: 20, outputTokens: 10, costUsd: 1 });

  const done = settled(running(), decide(running(), { type: 'unjudged', output: 'paid for' }, policy), later);
  const redone = resetTask(done, later);
  expect(redone).not.toHaveProperty('result');
  expect(redone).not.toHaveProperty('verified');
  expect(bestOutput(redone)).toBe('paid for');
});

test('what is reopened begins a new round with its result as a rejected attempt, and forgets nothing', () => {
  const judged = decide(
    claimed(rejectedOnce(), lease),
    { type: 'judged', output: 'b', verdict: pass, usage },
    policy,
  );
  const done = settled(claimed(rejectedOnce(), lease), judged, later);
  const evidence = [{ verifier: 'check', ...reject }];
  const task = reopened(done, { verdict: reject, evidence, usage }, later);
  expect(task).toMatchObject({ status: 'pending', attempts: 1 });
  for (const gone of ['result', 'verified', 'confidence', 'startedAt', 'endedAt'])
    expect(task).not.toHaveProperty(gone);
  const attempt = { number: 1, run: 'audit', startedAt: later, endedAt: later, outcome: 'rejected' };
  expect(task.history.slice(2)).toEqual([{ ...attempt, output: 'b', verdict: reject, evidence, usage }]);
  expect(task.history.map(({ outcome }) => outcome)).toEqual(['rejected', 'passed', 'rejected']);
  expect(attemptsSinceReset(task)).toEqual(task.history.slice(2));
  expect(task.usage).toEqual({ inputTokens: 30, outputTokens: 15, costUsd: 1.5 });
  expect(claimed(task, lease).history.at(-1)).toMatchObject({ number: 2 });
  expect(bestOutput(task)).toBe('b');
});

test('a task that failed says which attempt came closest, and never has a result', () => {
  const better = { ...reject, confidence: 0.5 };
  const judge = (task: Task, output: string, verdict: typeof reject) =>
    settled(task, decide(task, { type: 'judged', output, verdict }, policy), later);
  const twice = judge(claimed(judge(claimed(fresh(), lease), 'a', reject), lease), 'b', better);
  expect(twice).not.toHaveProperty('best');
  const failed = judge(claimed(twice, lease), 'c', reject);
  expect(failed).toMatchObject({ status: 'failed', attempts: 3, best: 2 });
  expect(failed).not.toHaveProperty('result');
  expect(bestOutput(failed)).toBe('b');
  expect(resetTask(failed, later)).not.toHaveProperty('best');
});

test('only a completed task has a result, whatever stood there before', () => {
  const edited = { ...running(), result: 'OLD', verified: true, confidence: 1, endedAt: at };
  const failed = settled(edited, decide(edited, { type: 'permanent', reason: 'no' }, policy), later);
  for (const gone of ['result', 'verified', 'confidence']) expect(failed).not.toHaveProperty(gone);
  expect(failed).toMatchObject({ status: 'failed', endedAt: later });
});

test('a release that leaves no trace has not started the task', () => {
  const released = settled(
    running(),
    decide(running(), { type: 'interrupted', reason: 'stopped' }, policy),
    later,
  );
  expect(released).toEqual(fresh());
});

test('a counted attempt is progress: crashes before it are forgotten', () => {
  const once = { ...running(), crashes: 2 };
  const failed = decide(once, { type: 'failed', reason: 'r' }, policy);
  expect(settled(once, failed, later)).not.toHaveProperty('crashes');
});

test('a reset keeps what orch does not know', () => {
  const noted = { ...running(), note: 'by hand' } as Task;
  expect(resetTask(noted, later)).toMatchObject({ note: 'by hand', status: 'pending' });
  expect(resetTask(noted, later)).not.toHaveProperty('lease');
});

test('the task that comes in stays as it was', () => {
  const before = running();
  const copy = structuredClone(before);
  checkpointed(before, { output: 'o' });
  settled(before, decide(before, { type: 'crashed' }, policy), later);
  resetTask(before, later);
  expect(before).toEqual(copy);
});
