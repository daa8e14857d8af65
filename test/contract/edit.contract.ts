import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isOrchError } from '../../src/model/errors.ts';
import { checkpointOf, usageOf } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { claimAll, claimOne, done, listed, runInfo } from '../support/store-parts.ts';

/** What `edit` has to do in every store. @param open gives an empty store. */
export function editContract(name: string, open: (clock: ManualClock) => Promise<TaskStore>): void {
  describe(`edit of ${name}`, () => {
    let store: TaskStore;
    let clock: ManualClock;

    beforeEach(async () => {
      clock = new ManualClock();
      store = await open(clock);
      await store.join(runInfo('a'));
    });

    afterEach(() => store.close());

    async function refused(code: string, operation: () => Promise<unknown>): Promise<Error> {
      const before = await listed(store);
      const error = await operation().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'OrchError', code });
      expect(await listed(store)).toEqual(before);
      return error as Error;
    }

    test('changes what is named, and takes away what is null or an empty list', async () => {
      const [added] = await store.add([
        { description: 'one', criteria: 'good', check: 'true', tags: ['t'], maxAttempts: 2, priority: 1 },
      ]);
      const change = {
        description: 'two',
        criteria: null,
        tags: [],
        maxAttempts: null,
        notBefore: clock.in(9),
      };
      const edited = await store.edit('task-001', change);
      const { criteria, tags, maxAttempts, ...rest } = added ?? {};
      expect(edited).toEqual({ ...rest, description: 'two', notBefore: clock.in(9) });
      expect(await store.get('task-001')).toEqual(edited);
      expect(await store.edit('task-001', change)).toEqual(edited);
    });

    test('of metadata only the keys that are named change', async () => {
      await store.add([{ description: 'x', metadata: { a: { x: 1, y: 2 }, b: 2, c: 3 } }]);
      const { metadata } = await store.edit('task-001', { metadata: { a: { x: 1 }, b: null, d: 4 } });
      expect(metadata).toEqual({ a: { x: 1 }, c: 3, d: 4 });
      expect(await store.edit('task-001', { metadata: { a: null, c: null, d: null } })).not.toHaveProperty(
        'metadata',
      );
      await store.edit('task-001', { metadata: { e: 5 } });
      expect(await store.edit('task-001', { metadata: null })).not.toHaveProperty('metadata');
    });

    test('counts for the order, the time and the waiting at once', async () => {
      await store.add(['one', 'two', 'three', 'four'].map((id) => ({ description: 'x', id })));
      await store.edit('three', { priority: 5 });
      await store.edit('one', { after: ['four'] });
      await store.edit('two', { notBefore: clock.in(10_000) });
      expect(await store.counts()).toMatchObject({ blocked: 1 });
      expect(await claimAll(store, 'a')).toEqual(['three', 'four']);
      await store.edit('one', { after: null });
      await store.edit('two', { notBefore: null });
      expect(await claimAll(store, 'a')).toEqual(['one', 'two']);
    });

    test('a circle is refused and named, and so is what does not exist', async () => {
      await store.add([
        { description: 'x', id: 'one' },
        { description: 'x', id: 'two', after: ['one'] },
        { description: 'x', id: 'three', after: ['two'] },
      ]);
      const { message } = await refused('usage', () => store.edit('one', { after: ['three'] }));
      expect(message).toContain('one -> three -> two -> one');
      await refused('usage', () => store.edit('one', { after: ['one'] }));
      await refused('not-found', () => store.edit('one', { after: ['nobody'] }));
      await refused('not-found', () => store.edit('nobody', { priority: 1 }));
      await refused('usage', () => store.edit('one', { maxAttempts: 0 }));
      await refused('usage', () => store.edit('one', { notBefore: 'soon' }));
    });

    test('no edits make a circle, whatever they are', async () => {
      const ids = ['t1', 't2', 't3', 't4', 't5'];
      await store.add(ids.map((id) => ({ description: 'x', id })));
      const edit = fc.tuple(
        fc.constantFrom(...ids),
        fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { maxLength: 20 }), async (edits) => {
          for (const id of ids) await store.edit(id, { after: null });
          for (const [id, after] of edits) {
            await store.edit(id, { after }).catch((error: unknown) => {
              if (!isOrchError(error, 'usage')) throw error;
            });
          }
          const waits = new Map((await listed(store)).map((task) => [task.id, task.after ?? []]));
          const open = new Set(ids);
          for (let before = -1; before !== open.size; ) {
            before = open.size;
            for (const id of open) if (waits.get(id)?.every((each) => !open.has(each))) open.delete(id);
          }
          expect([...open]).toEqual([]);
        }),
        { numRuns: 30 },
      );
    });

    test('refuses what a live run holds; what a dead one left is edited', async () => {
      await store.add([{ description: 'one' }]);
      const { lease } = await claimOne(store, 'a');
      await refused('conflict', () => store.edit('task-001', { priority: 1 }));
      await store.leave('a');
      expect(await store.edit('task-001', { priority: 1 })).toMatchObject({
        status: 'in_progress',
        priority: 1,
        lease,
      });
    });

    test('a completed task keeps what its result was given for and proved by', async () => {
      await store.add([{ description: 'one', check: 'true' }]);
      await store.settle((await claimOne(store, 'a')).lease, done('ok'));
      for (const change of [{ description: 'two' }, { criteria: 'good' }, { check: null }]) {
        await refused('conflict', () => store.edit('task-001', { ...change, priority: 3 }));
      }
      const edited = await store.edit('task-001', { description: 'one', priority: 3, tags: ['t'] });
      expect(edited).toMatchObject({ status: 'completed', result: 'ok', priority: 3, tags: ['t'] });
    });

    test('an output that waits for its verdict is not judged by another description', async () => {
      const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.5 };
      await store.add([{ description: 'one' }]);
      const { lease } = await claimOne(store, 'a');
      await store.settle(lease, {
        status: 'pending',
        reason: 'stopped',
        attempt: { output: 'draft', usage },
      });
      const other = await store.edit('task-001', { criteria: 'good' });
      expect(checkpointOf(other)).toMatchObject({ output: 'draft' });
      const edited = await store.edit('task-001', { description: 'two' });
      expect(checkpointOf(edited)).toBeUndefined();
      expect(edited.history).toMatchObject([{ outcome: 'interrupted', error: 'edited', output: 'draft' }]);
      expect(usageOf(edited)).toEqual(usage);
    });
  });
}
