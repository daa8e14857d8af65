import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Settlement } from '../../src/model/settlement.ts';
import { checkpointOf, usageOf } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { broken, claimOne, done, LEASE_MS, listed, runInfo } from '../support/store-parts.ts';

const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.5 };

function unverifiable(output: string): Settlement {
  return {
    status: 'failed',
    error: { kind: 'unverifiable', message: 'no judge' },
    attempt: { outcome: 'unverifiable', output, usage, error: 'no judge' },
  };
}

/** What `retry` has to do in every store. @param open gives an empty store. */
export function retryContract(name: string, open: (clock: ManualClock) => Promise<TaskStore>): void {
  describe(`retry of ${name}`, () => {
    let store: TaskStore;

    beforeEach(async () => {
      store = await open(new ManualClock());
      await store.join(runInfo('a'));
      await store.add(['one', 'two'].map((id) => ({ description: 'x', id })));
    });

    afterEach(() => store.close());

    async function settle(id: string, settlement: Settlement) {
      const { lease } = await claimOne(store, 'a', { only: new Set([id]) });
      return store.settle(lease, settlement);
    }

    async function refused(code: string, operation: () => Promise<unknown>): Promise<void> {
      const before = await listed(store);
      await expect(operation()).rejects.toMatchObject({ name: 'OrchError', code });
      expect(await listed(store)).toEqual(before);
    }

    test('takes a failed task back to pending: its attempts are kept, and do not count towards the limit', async () => {
      const failed = await settle('one', broken('no use'));
      const [retried] = await store.retry(['one', 'one']);
      expect(retried).toMatchObject({ status: 'pending', attempts: 1, earlierAttempts: 1 });
      expect(retried?.history).toEqual(failed.history);
      for (const gone of ['error', 'endedAt', 'best', 'lease', 'feedback'])
        expect(retried).not.toHaveProperty(gone);
      expect(await store.get('one')).toEqual(retried);
      const { task } = await claimOne(store, 'a', { only: new Set(['one']) });
      expect(task.history.map(({ number }) => number)).toEqual([1, 2]);
    });

    test('with feedback takes a completed one back, and its result to the attempt that gave it', async () => {
      await settle('one', done('result'));
      await refused('conflict', () => store.retry(['one']));
      const [retried] = await store.retry(['one'], 'in French');
      expect(retried).toMatchObject({ status: 'pending', attempts: 1, feedback: 'in French' });
      expect(retried?.history).toMatchObject([{ outcome: 'passed', output: 'result' }]);
      for (const gone of ['result', 'verified', 'confidence']) expect(retried).not.toHaveProperty(gone);
    });

    test('what was said stays until something else is said, or the task is reset', async () => {
      await settle('one', broken());
      await store.retry(['one'], 'first');
      await settle('one', broken());
      expect((await store.retry(['one']))[0]).toMatchObject({ feedback: 'first', earlierAttempts: 2 });
      await settle('one', broken());
      expect((await store.retry(['one'], 'second'))[0]).toMatchObject({ feedback: 'second' });
      await settle('one', broken());
      const [reset] = await store.reset({ ids: ['one'] });
      expect(reset).not.toHaveProperty('feedback');
      expect(reset).not.toHaveProperty('earlierAttempts');
    });

    test('an output that nobody could judge waits for its verdict again, and its cost counts once', async () => {
      const failed = await settle('one', unverifiable('paid for'));
      const [retried] = await store.retry(['one']);
      expect(retried && checkpointOf(retried)).toMatchObject({ output: 'paid for', number: 1 });
      expect(retried && usageOf(retried)).toEqual(usage);
      expect(retried?.history[0]).toEqual({ ...failed.history[0], output: undefined });
      const { task, lease } = await claimOne(store, 'a', { only: new Set(['one']) });
      expect(task.history).toHaveLength(2);
      const passed = await store.settle(lease, { ...done('paid for'), status: 'completed' } as Settlement);
      expect(passed).toMatchObject({ attempts: 1, result: 'paid for', usage });
    });

    test('with feedback such an output is not judged: the task is done again', async () => {
      const failed = await settle('one', unverifiable('paid for'));
      const [retried] = await store.retry(['one'], 'shorter');
      expect(retried?.history).toEqual(failed.history);
      expect(retried && checkpointOf(retried)).toBeUndefined();
    });

    test('refuses what is pending, held, left or unknown: all of them or none', async () => {
      await settle('one', broken());
      await refused('conflict', () => store.retry(['one', 'two'], 'why'));
      await refused('not-found', () => store.retry(['one', 'nobody']));
      await claimOne(store, 'a', { only: new Set(['two']) });
      await refused('conflict', () => store.retry(['one', 'two'], 'why'));
      await store.leave('a');
      await refused('conflict', () => store.retry(['one', 'two'], 'why'));
      await store.retry(['one']);
    });

    test('third crashes are forgotten', async () => {
      await store.claim({ run: 'a', leaseMs: LEASE_MS, only: new Set(['one']) });
      for (const run of ['b', 'c', 'd']) {
        await store.leave(run === 'b' ? 'a' : String.fromCharCode(run.charCodeAt(0) - 1));
        await store.join(runInfo(run));
        await store.claim({ run, leaseMs: LEASE_MS, only: new Set(['one']) });
      }
      expect(await store.get('one')).toMatchObject({ status: 'failed', error: { kind: 'crashed' } });
      const [retried] = await store.retry(['one']);
      expect(retried).not.toHaveProperty('crashes');
      expect(retried).not.toHaveProperty('earlierAttempts');
    });

    test('whoever waited for a completed one waits again, but for what is gone', async () => {
      await store.add([{ description: 'x', id: 'last', after: ['one', 'two'] }]);
      for (const id of ['one', 'two', 'last']) await settle(id, done('ok'));
      await store.remove(['one']);
      expect((await store.retry(['last'], 'again'))[0]?.after).toEqual(['two']);
      await store.retry(['two'], 'again');
      expect(await store.counts()).toMatchObject({ pending: 2, blocked: 1 });
    });
  });
}
