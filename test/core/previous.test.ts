import { describe, expect, test } from 'vitest';
import { previousOf } from '../../src/core/previous.ts';
import type { Attempt } from '../../src/model/task.ts';
import { retried } from '../../src/model/transitions.ts';
import { orchestra, rejecting } from '../support/orchestra.ts';
import { makeTask } from '../support/task.ts';

const attempt = (number: number, parts: Partial<Attempt>): Attempt => ({
  number,
  run: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  ...parts,
});
const verdict = { passed: false, confidence: 1, feedback: 'too long', issues: ['no title'] };
const rejected = attempt(1, { outcome: 'rejected', output: 'draft', verdict });

describe('what the next attempt is told of the last one', () => {
  test('is nothing before the first', () => {
    expect(previousOf(makeTask())).toBeUndefined();
  });

  test('is what was wrong with it', () => {
    const found = { output: 'draft', feedback: 'too long', issues: ['no title'] };
    expect(previousOf(makeTask({ attempts: 1, history: [rejected] }))).toEqual(found);
    const failed = attempt(1, { outcome: 'failed', error: 'exited with 3' });
    expect(previousOf(makeTask({ attempts: 1, history: [failed] }))).toEqual({
      output: undefined,
      feedback: 'exited with 3',
      issues: [],
    });
  });

  test('is behind what somebody said who gave it one more round', () => {
    const task = makeTask({ attempts: 1, history: [rejected], feedback: 'in French' });
    expect(previousOf(task)).toMatchObject({ output: 'draft', feedback: 'in French\ntoo long' });
  });

  test('is not the praise of one that passed', () => {
    const passed = attempt(1, {
      outcome: 'passed',
      verdict: { ...verdict, passed: true, feedback: 'good', issues: ['praise'] },
    });
    const task = retried(makeTask({ attempts: 1, history: [passed], result: 'old' }), 'in French');
    expect(previousOf(task)).toEqual({ output: 'old', feedback: 'in French', issues: [] });
  });

  test('has the output that nobody could judge, where somebody did', () => {
    const unjudged = attempt(2, { outcome: 'unverifiable', output: 'later', error: 'no judge' });
    const task = makeTask({ attempts: 1, history: [rejected, unjudged] });
    expect(previousOf(task)).toMatchObject({ output: 'draft' });
    expect(previousOf({ ...task, feedback: 'shorter' })).toEqual({
      output: 'later',
      feedback: 'shorter',
      issues: [],
    });
    expect(previousOf(makeTask({ feedback: 'try' }))).toEqual({ feedback: 'try', issues: [] });
  });
});

test('an output that is no text is told as what it is', () => {
  const history = [{ ...rejected, output: '/w==', metadata: { encoding: 'base64' } }];
  expect(previousOf(makeTask({ attempts: 1, history }))).toMatchObject({
    output: '/w==',
    encoding: 'base64',
  });
  expect(previousOf(makeTask({ attempts: 1, history: [rejected] }))).not.toHaveProperty('encoding');
});

test('a retry gives as many attempts again, and each is told what was said', async () => {
  const { orchestrator, executor, store, task } = await orchestra({
    tasks: ['one'],
    verifier: rejecting(3),
    config: { maxAttempts: 2 },
  });
  const failing = orchestrator.run();
  (await executor.nextCall()).succeed('a');
  (await executor.nextCall()).succeed('b');
  await failing;
  expect(await task('task-001')).toMatchObject({ status: 'failed', attempts: 2 });
  await store.retry(['task-001'], 'in French');
  const again = orchestrator.run();
  const third = await executor.nextCall();
  expect(third.context).toMatchObject({
    attempt: 3,
    rejections: 2,
    previous: { output: 'b', feedback: 'in French\nmend 2' },
  });
  third.succeed('c');
  const fourth = await executor.nextCall();
  expect(fourth.context).toMatchObject({
    attempt: 4,
    previous: { output: 'c', feedback: 'in French\nmend 3' },
  });
  fourth.succeed('d');
  await again;
  expect(await task('task-001')).toMatchObject({ status: 'completed', attempts: 4, result: 'd' });
});
