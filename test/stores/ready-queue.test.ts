import { expect, test } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import { created } from '../../src/model/transitions.ts';
import { ReadyQueue } from '../../src/stores/ready-queue.ts';

/** A queue over these tasks, the ids that were looked up, and a way to change a task. */
function queueOf(tasks: Task[]) {
  const now = new Map<string, Task>();
  const lookups: string[] = [];
  const queue = new ReadyQueue((id) => {
    lookups.push(id);
    return now.get(id);
  });
  const put = (task: Task) => {
    const before = now.get(task.id);
    now.set(task.id, task);
    queue.update(task.id, before, task);
  };
  for (const task of tasks) put(task);
  return { queue, put, lookups };
}

function task(id: string, more: Partial<Task> = {}): Task {
  return { ...created({ description: id }, id, '2026-01-01T00:00:00.000Z'), ...more };
}

test('the next of many tasks is found without looking at the others', () => {
  const many = Array.from({ length: 1000 }, (_, i) => task(`t${i}`, { priority: i % 7 }));
  const { queue, put, lookups } = queueOf(many);
  lookups.length = 0;
  const first = queue.next(0);
  expect(first).toBe('t6');
  put(task('t6', { status: 'in_progress' }));
  expect(queue.next(0)).toBe('t13');
  expect(lookups.length).toBeLessThan(10);
});

test('a task that changed its priority or its time counts by its last state alone', () => {
  const { queue, put } = queueOf([task('a', { priority: 9 }), task('b', { priority: 5 })]);
  put(task('a', { priority: 1 }));
  expect(queue.next(0)).toBe('b');
  put(task('b', { notBefore: new Date(1000).toISOString() }));
  expect(queue.next(0)).toBe('a');
  expect(queue.nextDue(0)).toBe(1000);
  put(task('b'));
  expect(queue.nextDue(0)).toBeUndefined();
});

test('a dependency that is loaded after its dependents frees them when it is completed', () => {
  const { queue } = queueOf([task('last', { after: ['first'] }), task('first', { status: 'completed' })]);
  expect(queue.next(0)).toBe('last');
  expect(queue.blocked).toBe(0);
});

test('a task after one that does not exist is blocked', () => {
  const { queue } = queueOf([task('a', { after: ['nobody'] })]);
  expect(queue.next(0)).toBeUndefined();
  expect(queue.blocked).toBe(1);
});

test('a blocked task that has a time waits for both', () => {
  const later = task('later', { after: ['first'], notBefore: new Date(1000).toISOString() });
  const { queue, put } = queueOf([task('first'), later]);
  expect(queue.nextDue(0)).toBeUndefined();
  put(task('first', { status: 'completed' }));
  expect(queue.nextDue(0)).toBe(1000);
  expect(queue.next(999)).toBeUndefined();
  expect(queue.next(1000)).toBe('later');
});

test('many dependencies that are taken back one by one cost one look at all of them, not one each', () => {
  const ids = Array.from({ length: 100 }, (_, i) => `t${i}`);
  const { queue, put, lookups } = queueOf([
    ...ids.map((id) => task(id, { status: 'completed' })),
    task('join', { after: ids }),
  ]);
  expect(queue.next(0)).toBe('join');
  lookups.length = 0;
  for (const id of ids) put(task(id));
  expect(lookups.length).toBeLessThan(500);
  expect(queue.blocked).toBe(1);
  lookups.length = 0;
  for (const id of ids.slice(1)) put(task(id, { status: 'completed' }));
  expect(lookups.length).toBeLessThan(500);
  expect(queue.next(0)).toBe('t0');
  put(task('t0', { status: 'completed' }));
  expect(queue.next(0)).toBe('join');
});
