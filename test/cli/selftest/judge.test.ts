import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/cli/selftest/judge.ts';
import { newTask, outputOf } from '../../../src/cli/selftest/tasks.ts';
import type { Told, ToldBy } from '../../../src/cli/selftest/told.ts';
import type { Task } from '../../../src/model/task.ts';

const { description } = newTask(1, 1, undefined);
const result = outputOf({ description });

/** Milliseconds since the epoch of a time that the stories begin with. */
const BEGIN = Date.parse('2026-11-22T10:00:00.000Z');
const time = (ms: number): string => new Date(BEGIN + ms).toISOString();

/** What is told at these milliseconds. */
const told = (ms: number, what: Told, worker = 1): ToldBy => ({ ...what, at: BEGIN + ms, worker });
const id = 'task-001';

const added = told(0, { kind: 'added', tasks: [{ id, description }] });
const claimed = (ms: number, token: string, worker = 1) =>
  told(ms, { kind: 'claimed', id, token, since: time(ms) }, worker);
const begun = (ms: number, token: string, since: number, worker = 1) =>
  told(ms, { kind: 'begun', id, token, since: time(since) }, worker);
const checkpointed = (ms: number, token: string, since = 1, worker = 1) =>
  told(ms, { kind: 'checkpointed', id, token, since: time(since), output: result }, worker);
const completed = (ms: number, token: string, since: number, worker = 1) =>
  told(ms, { kind: 'completed', id, token, since: time(since), result }, worker);

const story = [added, claimed(1, 'a'), begun(2, 'a', 1), checkpointed(3, 'a'), completed(4, 'a', 1)];

const done: Task = {
  id,
  description,
  status: 'completed',
  result,
  attempts: 1,
  priority: 0,
  createdAt: time(0),
  history: [{ number: 1, run: 'r', startedAt: time(1), endedAt: time(4), outcome: 'passed' }],
};

const rules = (events: ToldBy[], tasks: Task[] | undefined = [done]): string[] =>
  judge(events, tasks).map(({ rule }) => rule);

describe('no violation', () => {
  test('what was told stands in the store, in whatever order it was heard', () => {
    expect(judge(story, [done])).toEqual([]);
    expect(judge(story.toReversed(), [done])).toEqual([]);
  });

  test('a task that nobody was told of', () => {
    expect(rules([], [done])).toEqual([]);
  });

  test('an execution again after a death without a checkpoint', () => {
    const again = [claimed(10, 'b', 2), begun(11, 'b', 10, 2), completed(12, 'b', 10, 2)];
    expect(rules([added, claimed(1, 'a'), begun(2, 'a', 1), ...again])).toEqual([]);
  });

  test('an execution that a stopped worker only begins when its task is done', () => {
    const late = begun(20, 'a', 1);
    const other = [claimed(10, 'b', 2), begun(11, 'b', 10, 2), completed(12, 'b', 10, 2)];
    expect(rules([added, claimed(1, 'a'), ...other, late])).toEqual([]);
  });

  test('an execution again after a reset', () => {
    const first = [added, claimed(1, 'a'), begun(2, 'a', 1), checkpointed(3, 'a')];
    const reset = told(5, { kind: 'reset', id }, 2);
    const again = [claimed(10, 'b', 2), begun(11, 'b', 10, 2), completed(12, 'b', 10, 2)];
    expect(rules([...first, reset, ...again])).toEqual([]);
    expect(rules([...first, ...again])).toEqual(['again']);
  });

  test('a stopped worker that hears that it has lost its task', () => {
    const overtaken = told(6, { kind: 'overtaken', id, token: 'a' });
    const lost = told(8, { kind: 'lost', id });
    const other = [claimed(5, 'b', 2), completed(7, 'b', 5, 2)];
    expect(rules([added, claimed(1, 'a'), overtaken, lost, ...other])).toEqual([]);
    expect(rules([added, claimed(1, 'a'), overtaken, ...other])).toEqual(['fence']);
  });

  test('a stopped worker whose checkpoint was acknowledged before', () => {
    const first = [added, claimed(1, 'a'), begun(2, 'a', 1), checkpointed(3, 'a')];
    const overtaken = [claimed(5, 'b', 2), told(6, { kind: 'overtaken', id, token: 'a' })];
    const lost = told(8, { kind: 'lost', id });
    expect(rules([...first, ...overtaken, lost, completed(7, 'b', 5, 2)])).toEqual([]);
  });

  test('work that was not brought to its end says nothing of what is not there', () => {
    expect(judge([added], undefined)).toEqual([]);
  });
});

describe('what is found', () => {
  test('lost: an acknowledged task is gone, or another one', () => {
    expect(rules([added], [])).toEqual(['lost']);
    expect(rules([completed(4, 'a', 1)], [])).toEqual(['lost']);
    const other = 'Task 2 of worker 9';
    expect(
      rules([added], [{ ...done, description: other, result: outputOf({ description: other }) }]),
    ).toEqual(['lost']);
  });

  test('unfinished: a task that is not completed, with why', () => {
    const { result: _, ...open } = done;
    expect(rules(story, [{ ...open, status: 'pending' }])).toEqual(['unfinished']);
    const failed: Task = { ...open, status: 'failed', error: { kind: 'rejected', message: 'no' } };
    expect(judge([added], [failed])).toEqual([
      { rule: 'unfinished', task: id, message: 'It is failed in the end: rejected: no' },
    ]);
  });

  test('result: another one, or none', () => {
    expect(rules(story, [{ ...done, result: 'else' }])).toEqual(['result']);
    const { result: _, ...without } = done;
    expect(rules(story, [without])).toEqual(['result']);
  });

  test('twice: two completions acknowledged', () => {
    expect(rules([...story, completed(5, 'a', 1)])).toEqual(['twice']);
    const between = [claimed(6, 'b', 2), completed(9, 'b', 6, 2)];
    expect(rules([...between.toReversed(), ...story])).toEqual(['twice', 'again', 'fence']);
  });

  test('twice: an id given to two tasks', () => {
    const again = told(9, { kind: 'added', tasks: [{ id, description: 'else' }] });
    expect(rules([...story, again])).toEqual(['twice']);
  });

  test('twice: two passes in the history', () => {
    expect(rules(story, [{ ...done, history: [...done.history, ...done.history] }])).toEqual(['twice']);
  });

  test('again: handed out after its completion was acknowledged', () => {
    expect(rules([...story, claimed(6, 'b', 2)])).toEqual(['again', 'fence']);
  });

  test('again: executed after its output was acknowledged', () => {
    const first = [added, claimed(1, 'a'), begun(2, 'a', 1), checkpointed(3, 'a')];
    const events = [...first, claimed(5, 'b', 2), begun(6, 'b', 5, 2), completed(7, 'b', 5, 2)];
    expect(judge(events, [done])).toEqual([
      {
        rule: 'again',
        task: id,
        message: 'Worker 2 executed it though its output had been acknowledged to worker 1',
      },
    ]);
  });

  test('fence: completed under a lease that was not the last', () => {
    const events = [added, claimed(1, 'a'), claimed(3, 'b', 2), completed(5, 'a', 1)];
    expect(rules(events)).toEqual(['fence']);
  });

  test.each([
    ['completion', completed(8, 'a', 1)],
    ['checkpoint', checkpointed(8, 'a')],
  ])('fence: a late %s of a worker that was overtaken', (what, late) => {
    const overtaken = told(6, { kind: 'overtaken', id, token: 'a' });
    const messages = judge([added, claimed(1, 'a'), overtaken, late], [done]).map(({ message }) => message);
    const message = `Worker 1 was stopped until another had taken it over, and its late ${what} was accepted`;
    expect(messages).toEqual([message]);
  });

  test('store: what a worker failed with', () => {
    const trouble = told(5, { kind: 'trouble', message: 'tasks.json is broken' }, 3);
    expect(judge([trouble], undefined)).toEqual([
      { rule: 'store', message: 'Worker 3 failed: tasks.json is broken' },
    ]);
  });
});
