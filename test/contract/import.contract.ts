import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { checkpoint, claimOne, done, listed, runInfo } from '../support/store-parts.ts';
import { makeTask } from '../support/task.ts';
import { enough } from '../support/thorough.ts';
import { wholeTasks } from '../support/whole-task.ts';

/** What every store has to do with whole tasks. @param open gives an empty store. */
export function importContract(name: string, open: () => Promise<TaskStore>): void {
  describe(`${name} imports`, () => {
    let source: TaskStore;
    let store: TaskStore;

    beforeEach(async () => {
      [source, store] = [await open(), await open()];
      for (const each of [source, store]) await each.join(runInfo('a'));
    });

    afterEach(async () => {
      await source.close();
      await store.close();
    });

    const pending = (id: string, parts: Partial<Task> = {}) => makeTask({ id, status: 'pending', ...parts });

    async function refused(code: string, message: string, tasks: Task[]): Promise<void> {
      const before = await listed(store);
      await expect(store.import(tasks)).rejects.toMatchObject({
        name: 'OrchError',
        code,
        message: expect.stringContaining(message),
      });
      expect(await listed(store)).toEqual(before);
      const [next] = await store.add([{ description: 'next' }]);
      expect(next?.id).toBe(`task-${String(before.length + 1).padStart(3, '0')}`);
    }

    test('any tasks as they are, and what comes out goes in again', async () => {
      const property = fc.asyncProperty(wholeTasks, async (tasks) => {
        const [from, to] = [await open(), await open()];
        try {
          expect(await from.import(tasks)).toEqual(tasks);
          const out = await listed(from);
          expect(out).toEqual(tasks);
          expect(await to.import(out)).toEqual(tasks);
          expect(await listed(to)).toEqual(tasks);
          expect(await to.counts()).toEqual(await from.counts());
          expect(await to.import(out)).toEqual([]);
        } finally {
          await from.close();
          await to.close();
        }
      });
      await fc.assert(property, { numRuns: enough(20, 100) });
    }, 60_000);

    test('history and attempts count on', async () => {
      await source.add([{ description: 'x', maxAttempts: 3 }]);
      const { lease } = await claimOne(source, 'a');
      await source.settle(lease, {
        status: 'pending',
        reason: 'no',
        attempt: { outcome: 'rejected', output: 'bad' },
      });
      await store.import(await listed(source));
      const { task } = await claimOne(store, 'a');
      expect(task).toMatchObject({
        attempts: 1,
        history: [{ outcome: 'rejected', output: 'bad' }, { number: 2 }],
      });
    });

    test('what was in progress is pending, held by nobody, its open attempt closed as interrupted', async () => {
      await source.add([{ description: 'x' }]);
      await claimOne(source, 'a');
      const [running] = await listed(source);
      const [task] = await store.import([running!]);
      expect(task).toMatchObject({
        status: 'pending',
        attempts: 0,
        history: [{ outcome: 'interrupted', error: 'imported' }],
      });
      expect(task).not.toHaveProperty('lease');
      expect(await store.import([running!])).toEqual([]);
      expect(await source.import([running!])).toEqual([]);
      expect((await claimOne(store, 'a')).task.history).toHaveLength(2);
    });

    test('an output that waits for its verdict goes on waiting', async () => {
      await source.add([{ description: 'x' }]);
      const { lease } = await claimOne(source, 'a');
      await source.checkpoint(lease, checkpoint('paid for'));
      await store.import(await listed(source));
      const claim = await claimOne(store, 'a');
      expect(claim.task.history).toMatchObject([{ output: 'paid for' }]);
      const ended = await store.settle(claim.lease, done('paid for'));
      expect(ended).toMatchObject({ status: 'completed', usage: { inputTokens: 10 } });
    });

    test('no automatic id is given twice', async () => {
      await store.import([pending('task-041'), pending('own')]);
      await store.remove(['task-041']);
      expect((await store.add([{ description: 'x' }]))[0]?.id).toBe('task-042');
    });

    test('a task with another content is refused with all the others, and the same is passed over', async () => {
      await store.import([pending('task-001')]);
      await refused('conflict', 'Task task-001 is in the store already', [
        pending('new'),
        pending('task-001', { priority: 7 }),
      ]);
    });

    test('one id twice in an import', async () => {
      await refused('conflict', 'Task x ', [pending('x'), pending('x', { description: 'another' })]);
      expect(await store.import([pending('x'), pending('x')])).toHaveLength(1);
    });

    test('what an unfinished task comes after has to be there, in whatever order', async () => {
      await refused('not-found', 'Task b comes after gone', [
        pending('a'),
        pending('b', { after: ['gone'] }),
      ]);
      const completed = makeTask({ id: 'c', status: 'completed', result: 'x', after: ['gone'] });
      await store.import([pending('b', { after: ['a'] }), pending('a'), completed]);
      expect(await store.counts()).toMatchObject({ pending: 3, blocked: 1, completed: 1 });
    });

    test('a circle is refused, and named', async () => {
      const circle = [
        pending('a', { after: ['c'] }),
        pending('b', { after: ['a'] }),
        pending('c', { after: ['b'] }),
      ];
      await refused('usage', 'These tasks would wait for each other in a circle: a -> c -> b -> a', circle);
    });

    test('what is no task is refused', async () => {
      await refused('usage', 'Task x cannot be saved at history[0].number', [
        pending('x', { history: [{ number: 0, run: 'a', startedAt: '2026-01-01T00:00:00.000Z' }] }),
      ]);
    });

    test('the tasks that were given may be changed afterwards', async () => {
      const given = pending('x', { metadata: { list: ['a'] } });
      await store.import([given]);
      (given.metadata as { list: string[] }).list.push('b');
      expect((await store.get('x'))?.metadata).toEqual({ list: ['a'] });
    });
  });
}
