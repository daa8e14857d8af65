import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { claimOne, LEASE_MS, runInfo } from '../support/store-parts.ts';

/** What a pool of money means on every store. @param open gives an empty one that goes by the clock. */
export function moneyContract(name: string, open: (clock: ManualClock) => Promise<TaskStore>): void {
  describe(`${name} as what keeps accounts`, () => {
    let store: TaskStore;
    let clock: ManualClock;

    beforeEach(async () => {
      clock = new ManualClock();
      store = await open(clock);
      await store.add([{ description: 'one' }]);
    });

    afterEach(() => store.close());

    const join = (id: string, maxCostUsd?: number) =>
      store.join({ ...runInfo(id), ...(maxCostUsd !== undefined && { maxCostUsd }) });
    const reserve = async (run: string, call: string, usd?: number) =>
      (await store.reserve({ run, call, ...(usd !== undefined && { usd }) })).granted;
    const spend = (run: string, call: string, usd?: number) =>
      store.spend({ run, call, ...(usd !== undefined && { usd }) });

    test('where nothing was spent there is no pool', async () => {
      expect(await store.pool()).toBeUndefined();
      await join('a', 5);
      expect(await store.pool()).toBeUndefined();
    });

    test('what is set aside counts until it is settled, and what it did cost after that', async () => {
      await join('a', 1);
      expect(await store.reserve({ run: 'a', call: '1', usd: 0.75 })).toEqual({
        granted: true,
        pool: { spentUsd: 0, reservedUsd: 0.75, capUsd: 1 },
      });
      expect(await store.reserve({ run: 'a', call: '2', usd: 0.5 })).toEqual({
        granted: false,
        pool: { spentUsd: 0, reservedUsd: 0.75, capUsd: 1 },
      });
      expect(await spend('a', '1', 0.25)).toEqual({ spentUsd: 0.25, reservedUsd: 0, capUsd: 1 });
      expect(await reserve('a', '2', 0.75)).toBe(true);
      expect(await reserve('a', '3', 0.01)).toBe(false);
      expect(await store.pool()).toEqual({ spentUsd: 0.25, reservedUsd: 0.75, capUsd: 1 });
    });

    test('the last cent may be spent, though sums of fractions are not exact', async () => {
      await join('a', 0.3);
      for (const call of ['1', '2', '3']) expect(await reserve('a', call, 0.1)).toBe(true);
      expect(await reserve('a', '4', 0.0001)).toBe(false);
    });

    test('without a cap everything is granted, and counted', async () => {
      await join('a');
      expect(await reserve('a', '1', 1000)).toBe(true);
      expect(await spend('a', '1', 900)).toEqual({ spentUsd: 900, reservedUsd: 0 });
    });

    test('runs that live are one pool, and the lowest cap of those that live holds', async () => {
      await join('a', 10);
      expect(await reserve('a', '1', 6)).toBe(true);
      await join('b', 2);
      expect(await reserve('b', '1', 0.5)).toBe(false);
      await spend('a', '1', 1);
      expect(await reserve('b', '1', 1)).toBe(true);
      expect(await reserve('a', '2', 0.5)).toBe(false);
      await spend('b', '1', 1);
      await store.leave('b');
      expect(await store.reserve({ run: 'a', call: '2', usd: 8 })).toMatchObject({
        granted: true,
        pool: { spentUsd: 2, capUsd: 10 },
      });
    });

    test('what a run spent stays in the pool when it has ended, as long as one lives that it overlapped', async () => {
      await join('a', 1);
      // It has spent nothing when the first one ends.
      await join('b', 1);
      await reserve('a', '1', 0.9);
      await spend('a', '1', 0.9);
      await store.leave('a');
      expect(await store.pool()).toEqual({ spentUsd: 0.9, reservedUsd: 0, capUsd: 1 });
      expect(await reserve('b', '1', 0.2)).toBe(false);
      await join('c', 1);
      await store.leave('b');
      expect(await reserve('c', '1', 0.2)).toBe(false);
      expect(await reserve('c', '1', 0.1)).toBe(true);
    });

    test('the pool closes when none lives: the next run begins anew', async () => {
      await join('a', 1);
      await reserve('a', '1', 1);
      await spend('a', '1', 1);
      await store.leave('a');
      expect(await store.pool()).toBeUndefined();
      await join('b', 1);
      expect(await store.pool()).toBeUndefined();
      expect(await store.reserve({ run: 'b', call: '1', usd: 1 })).toEqual({
        granted: true,
        pool: { spentUsd: 0, reservedUsd: 1, capUsd: 1 },
      });
    });

    test('what a run had set aside when it ended counts as spent: it may have been billed', async () => {
      await join('a', 1);
      await join('b', 1);
      await reserve('a', '1', 0.5);
      await store.leave('a');
      expect(await store.pool()).toEqual({ spentUsd: 0.5, reservedUsd: 0, capUsd: 1 });
      expect(await reserve('b', '1', 0.6)).toBe(false);
      expect(await reserve('b', '1', 0.5)).toBe(true);
    });

    test('a price that is not known is refused where there is a cap, and spoils the pool for who comes with one', async () => {
      await join('a');
      expect(await reserve('a', '1')).toBe(true);
      expect(await spend('a', '1')).toEqual({ spentUsd: 0, reservedUsd: 0, unpriced: true });
      await join('b', 1);
      expect(await reserve('b', '1', 0.1)).toBe(false);
      expect(await reserve('a', '2')).toBe(false);
      await store.leave('b');
      expect(await reserve('a', '2')).toBe(true);
    });

    test('a call that was to cost something known, and whose cost is not, is not known', async () => {
      await join('a', 5);
      await reserve('a', '1', 1);
      expect(await spend('a', '1')).toEqual({ spentUsd: 0, reservedUsd: 0, capUsd: 5, unpriced: true });
    });

    test.each([Number.POSITIVE_INFINITY, Number.NaN, -1])(
      'an amount of %s is not known, and not 0',
      async (usd) => {
        await join('a', 5);
        expect(await reserve('a', '1', usd)).toBe(false);
        expect(await reserve('a', '1', 1)).toBe(true);
        expect(await spend('a', '1', usd)).toEqual({
          spentUsd: 0,
          reservedUsd: 0,
          capUsd: 5,
          unpriced: true,
        });
        await store.leave('a');
        await join('b');
        expect(await reserve('b', '1', usd)).toBe(true);
        expect(await store.pool()).toEqual({ spentUsd: 0, reservedUsd: 0, unpriced: true });
      },
    );

    test('who is refused hears which others hold nothing but money: their leases have ended, or they have none', async () => {
      const refused = async () => {
        const { granted, stalled } = await store.reserve({ run: 'c', call: '1', usd: 1 });
        return { granted, stalled };
      };
      await store.add([{ description: 'two' }]);
      for (const run of ['a', 'b', 'c']) await join(run, 1);
      const { lease } = await claimOne(store, 'a');
      await claimOne(store, 'b');
      await reserve('a', '1', 0.25);
      await reserve('b', '1', 0.5);
      await reserve('c', '0', 0.125);
      expect(await refused()).toEqual({ granted: false, stalled: undefined });
      clock.advance(LEASE_MS - 1);
      await store.renew([lease], LEASE_MS);
      expect(await refused()).toEqual({ granted: false, stalled: undefined });
      clock.advance(1);
      expect(await refused()).toEqual({ granted: false, stalled: { b: 0.5 } });
      clock.advance(LEASE_MS);
      expect(await refused()).toEqual({ granted: false, stalled: { a: 0.25, b: 0.5 } });
      // What it had set aside counts as spent then.
      await store.leave('b');
      expect(await refused()).toEqual({ granted: false, stalled: { a: 0.25 } });
    });

    describe('a call that is under way when somebody else ends the claim of its task', () => {
      const none = { inputTokens: 0, outputTokens: 0 };
      const lost = { ...none, costUsd: 0, possibleUsd: 0.5 };

      beforeEach(async () => {
        for (const run of ['a', 'b']) await join(run);
      });

      test('may have been billed to the task: its runner died', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 1 });
        await spend('a', '1', 0.25);
        await store.reserve({ run: 'a', call: '2', task: task.id, usd: 0.5 });
        await store.reserve({ run: 'a', call: '3', task: 'another', usd: 5 });
        await store.leave('a');
        const { task: next } = await claimOne(store, 'b');
        // What was paid already too: only the one who died knew for what.
        const usage = { ...lost, possibleUsd: 0.75 };
        expect(next).toMatchObject({
          usage,
          history: [{ outcome: 'interrupted', usage }, { run: 'b' }],
        });
      });

      test('also what had ended, paid without asking or not: nobody else had been told of it yet', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 1 });
        await spend('a', '1', 0.25);
        await store.spend({ run: 'a', call: '2', task: task.id, usd: 0.25 });
        await store.spend({ run: 'a', call: '3', task: 'another', usd: 8 });
        await store.cancel([task.id]);
        expect(await store.get(task.id)).toMatchObject({ status: 'failed', usage: lost });
        // Once: a claim that follows knows nothing of it.
        await store.reset('all');
        await claimOne(store, 'b');
        await store.cancel([task.id]);
        expect((await store.get(task.id))?.usage).toEqual(lost);
      });

      test('not what its kept output tells of, nor what its settlement does', async () => {
        const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.25 };
        const { task, lease } = await claimOne(store, 'a');
        const pay = async (call: string, usd: number) => {
          await store.reserve({ run: 'a', call, task: task.id, usd: 1 });
          await spend('a', call, usd);
        };
        await pay('1', 0.25);
        await store.checkpoint(lease, { output: 'o', usage });
        await pay('2', 0.5);
        await store.cancel([task.id]);
        expect((await store.get(task.id))?.usage).toEqual({ ...usage, possibleUsd: 0.5 });

        await store.reset('all');
        const second = await claimOne(store, 'a');
        await pay('3', 0.25);
        await store.settle(second.lease, {
          status: 'pending',
          reason: 'for now',
          attempt: { outcome: 'interrupted', error: 'for now', usage },
        });
        await claimOne(store, 'a');
        await store.leave('a');
        await claimOne(store, 'b');
        expect((await store.get(task.id))?.usage).toMatchObject({ costUsd: 0.5, possibleUsd: 0.5 });
      });

      test('at a cost that was not known when it ended leaves the cost unknown', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 1 });
        await spend('a', '1');
        await store.spend({ run: 'a', call: '2', task: task.id, usd: 1 });
        await store.cancel([task.id]);
        expect((await store.get(task.id))?.usage).toEqual(none);
      });

      test('is still known when its pool has closed, and another has been since', async () => {
        await store.add([{ description: 'two' }]);
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 0.25 });
        await spend('a', '1', 0.25);
        await store.reserve({ run: 'a', call: '2', task: task.id, usd: 0.25 });
        for (const run of ['a', 'b']) await store.leave(run);
        await join('c', 1);
        expect((await store.reserve({ run: 'c', call: '1', usd: 1 })).granted).toBe(true);
        expect(await spend('c', '1', 0.125)).toEqual({ spentUsd: 0.125, reservedUsd: 0, capUsd: 1 });
        await store.leave('c');
        await store.reset('failed');
        expect((await store.get(task.id))?.usage).toEqual(lost);
      });

      test('is added to what its kept output cost', async () => {
        const { task, lease } = await claimOne(store, 'a');
        const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.25 };
        await store.checkpoint(lease, { output: 'o', usage });
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 0.5 });
        await store.leave('a');
        const { task: next } = await claimOne(store, 'b');
        expect(next.history).toMatchObject([{ output: 'o', usage: { ...usage, possibleUsd: 0.5 } }]);
      });

      test('the same where it was cancelled', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 0.5 });
        await store.cancel([task.id]);
        expect(await store.get(task.id)).toMatchObject({ status: 'failed', usage: lost });
      });

      test('the same where it is reset after its runner died', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id, usd: 0.5 });
        await store.leave('a');
        await store.reset('failed');
        expect(await store.get(task.id)).toMatchObject({
          status: 'pending',
          usage: lost,
          history: [{ outcome: 'interrupted', error: 'reset', usage: lost }],
        });
      });

      test('at a price that is not known leaves the cost unknown', async () => {
        const { task } = await claimOne(store, 'a');
        await store.reserve({ run: 'a', call: '1', task: task.id });
        await store.cancel([task.id]);
        expect((await store.get(task.id))?.usage).toEqual(none);
      });
    });

    test('what is paid without asking begins a pool like any other call', async () => {
      await join('a', 1);
      await reserve('a', '1', 0.75);
      await store.leave('a');
      await join('b', 1);
      await join('c', 1);
      expect(await spend('b', '1', 0.5)).toEqual({ spentUsd: 0.5, reservedUsd: 0, capUsd: 1 });
      await store.leave('b');
      expect(await store.pool()).toEqual({ spentUsd: 0.5, reservedUsd: 0, capUsd: 1 });
    });

    test('runs and calls may have any names', async () => {
      for (const run of ['__proto__', 'constructor']) await join(run, 5);
      for (const call of ['__proto__', 'toString']) expect(await reserve('__proto__', call, 2)).toBe(true);
      expect(await reserve('constructor', '__proto__', 2)).toBe(false);
      expect(await spend('__proto__', '__proto__', 1)).toEqual({ spentUsd: 1, reservedUsd: 2, capUsd: 5 });
    });

    test('only a run that has joined spends', async () => {
      await expect(store.reserve({ run: 'nobody', call: '1', usd: 1 })).rejects.toThrow(
        'has to join the store before it spends',
      );
    });

    test('whoever waits for money hears when some is free again', async () => {
      await join('a', 1);
      await reserve('a', '1', 1);
      const heard = new Promise<void>((resolve) => {
        const end = store.changes(() => {
          end();
          resolve();
        });
      });
      await spend('a', '1', 0);
      await heard;
    });
  });
}

/** The same over store objects that share one store. @param newStore gives what opens it, each time another object. */
export function sharedMoneyContract(name: string, newStore: () => () => Promise<TaskStore>): void {
  describe(`${name} shared, as what keeps accounts`, () => {
    test('what a dead run may have spent on a task is kept for it, whatever is folded in between', async () => {
      const open = newStore();
      const first = await open();
      await first.add([{ description: 'one' }]);
      await first.join(runInfo('a'));
      const { task } = await claimOne(first, 'a');
      await first.reserve({ run: 'a', call: '1', task: task.id, usd: 0.25 });
      await first.spend({ run: 'a', call: '1', usd: 0.25 });
      await first.reserve({ run: 'a', call: '2', task: task.id, usd: 0.25 });
      await first.close();
      const command = await open();
      await command.add([{ description: 'two' }]);
      await command.close();
      const second = await open();
      expect(await second.pool()).toBeUndefined();
      // A pool of somebody else's in between.
      await second.join(runInfo('other'));
      await second.reserve({ run: 'other', call: '1', usd: 0.5 });
      await second.leave('other');
      await second.join(runInfo('b'));
      expect((await claimOne(second, 'b')).task).toMatchObject({ id: task.id, usage: { possibleUsd: 0.5 } });
      await second.close();
    });

    test('a cap holds over all of them, whatever is folded in between', async () => {
      const open = newStore();
      const first = await open();
      await first.add([{ description: 'one' }]);
      await first.join({ ...runInfo('a'), maxCostUsd: 1 });
      expect((await first.reserve({ run: 'a', call: '1', usd: 0.6 })).granted).toBe(true);
      const second = await open();
      await second.join(runInfo('b'));
      expect((await second.reserve({ run: 'b', call: '1', usd: 0.3 })).granted).toBe(true);
      // Reads, changes and folds.
      const command = await open();
      await command.counts();
      await command.add([{ description: 'two' }]);
      await command.close();
      await first.spend({ run: 'a', call: '1', usd: 0.5 });
      expect((await second.reserve({ run: 'b', call: '2', usd: 0.3 })).granted).toBe(false);
      expect(await second.pool()).toEqual({ spentUsd: 0.5, reservedUsd: 0.3, capUsd: 1 });
      await second.close();
      expect(await first.pool()).toEqual({ spentUsd: 0.8, reservedUsd: 0, capUsd: 1 });
      await first.close();
      const third = await open();
      expect(await third.pool()).toBeUndefined();
      await third.join({ ...runInfo('c'), maxCostUsd: 1 });
      expect((await third.reserve({ run: 'c', call: '1', usd: 1 })).granted).toBe(true);
      await third.close();
    });
  });
}
