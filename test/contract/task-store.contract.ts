import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint, Settlement } from '../../src/model/settlement.ts';
import type { NewTask } from '../../src/model/task.ts';
import type { Claim, NothingToClaim, TaskStore } from '../../src/ports/task-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  again,
  broken,
  checkpoint,
  claimAll,
  claimOne,
  done,
  idsOf,
  LEASE_MS,
  listed,
  runInfo,
} from '../support/store-parts.ts';

/** How long a live run has to renew after its lease was found expired, in milliseconds. */
const GRACE_MS = LEASE_MS / 3;

/** What every store has to do. @param open gives an empty store that goes by the clock. */
export function taskStoreContract(name: string, open: (clock: ManualClock) => Promise<TaskStore>): void {
  describe(`${name} as a task store`, () => {
    let clock: ManualClock;
    let store: TaskStore;

    beforeEach(async () => {
      clock = new ManualClock();
      store = await open(clock);
      await store.join(runInfo('a'));
      await store.join(runInfo('b'));
    });

    afterEach(() => store.close());

    async function nothing(run = 'a', only?: ReadonlySet<string>): Promise<NothingToClaim> {
      const answer = await store.claim({ run, leaseMs: LEASE_MS, ...(only && { only }) });
      expect(answer.task).toBeUndefined();
      return answer as NothingToClaim;
    }

    /** The leases of `a` end, are not renewed, and `b` has seen so for long enough. */
    async function becomesLate(): Promise<void> {
      clock.advance(LEASE_MS);
      await nothing('b');
      clock.advance(GRACE_MS);
    }

    async function complete(id: string): Promise<void> {
      const { lease } = await claimOne(store, 'a', { only: new Set([id]) });
      await store.settle(lease, done('ok'));
    }

    async function snapshot() {
      return { tasks: await listed(store), counts: await store.counts() };
    }

    /** The operation is refused with that code, and nothing has changed. */
    async function refused(code: string, operation: () => Promise<unknown>): Promise<void> {
      const before = await snapshot();
      await expect(operation()).rejects.toMatchObject({ name: 'OrchError', code });
      expect(await snapshot()).toEqual(before);
    }

    describe('add', () => {
      test('gives ids from task-001 up, in order, and a task as it was described', async () => {
        const [first, second] = await store.add([
          { description: 'one' },
          {
            description: 'two',
            priority: 3,
            maxAttempts: 2,
            after: ['task-001'],
            notBefore: clock.in(10),
            criteria: 'good',
            check: 'true',
            tags: ['x'],
            metadata: { n: 1, deep: { list: [1, null] } },
          },
        ]);
        expect(first).toEqual({
          id: 'task-001',
          description: 'one',
          status: 'pending',
          attempts: 0,
          priority: 0,
          createdAt: clock.in(0),
          history: [],
        });
        expect(second).toMatchObject({
          id: 'task-002',
          maxAttempts: 2,
          metadata: { n: 1, deep: { list: [1, null] } },
        });
        expect(await listed(store)).toEqual([first, second]);
        expect(await store.get('task-002')).toEqual(second);
      });

      test('goes on past 999', async () => {
        await store.add([{ description: 'x', id: 'task-999' }]);
        expect((await store.add([{ description: 'y' }]))[0]?.id).toBe('task-1000');
      });

      test('never gives an id twice, removed ones included', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        await store.remove(['task-002']);
        const [third] = await store.add([{ description: 'three' }]);
        expect(third?.id).toBe('task-003');
        await store.remove(['task-001', 'task-003']);
        expect((await store.add([{ description: 'four' }]))[0]?.id).toBe('task-004');
      });

      test('an own id that looks automatic is not given to another task, in the same batch neither', async () => {
        const tasks = await store.add([{ description: 'auto' }, { description: 'own', id: 'task-7' }]);
        expect(tasks.map(({ id }) => id)).toEqual(['task-008', 'task-7']);
        const more = await store.add([{ description: 'auto' }, { description: 'own', id: 'task-009' }]);
        expect(more.map(({ id }) => id)).toEqual(['task-010', 'task-009']);
      });

      test('the same id and description again adds nothing and gives the task as it stands', async () => {
        await store.add([{ description: 'same', id: 'mine', priority: 1 }]);
        await complete('mine');
        const again = await store.add([
          { description: 'same', id: 'mine' },
          { description: 'new', id: 'other' },
          { description: 'new', id: 'other' },
        ]);
        expect(again.map(({ id, status }) => [id, status])).toEqual([
          ['mine', 'completed'],
          ['other', 'pending'],
          ['other', 'pending'],
        ]);
        expect(await idsOf(store)).toEqual(['mine', 'other']);
      });

      test('another description under a taken id is a conflict', async () => {
        await store.add([{ description: 'same', id: 'mine' }]);
        await refused('conflict', () => store.add([{ description: 'other', id: 'mine' }]));
        await refused('conflict', () =>
          store.add([
            { description: 'p', id: 'twin' },
            { description: 'q', id: 'twin' },
          ]),
        );
      });

      test.each(['', 'with space', 'ümlaut', 'a/b', 'x'.repeat(65), 'new\nline', 'end\n'])(
        'refuses %j as an id',
        async (id) => {
          await refused('usage', () => store.add([{ description: 'fine' }, { description: 'x', id }]));
        },
      );

      test.each(['a', 'A.b_c-9', 'x'.repeat(64)])('takes %j as an id', async (id) => {
        expect((await store.add([{ description: 'x', id }]))[0]?.id).toBe(id);
      });

      test('a dependency exists, or is one of the same batch, earlier or later', async () => {
        await store.add([{ description: 'one', id: 'one' }]);
        await store.add([
          { description: 'two', id: 'two', after: ['one'] },
          { description: 'three', after: ['two', 'one'] },
        ]);
        await refused('not-found', () => store.add([{ description: 'x', after: ['nobody'] }]));
        await store.add([
          { description: 'x', id: 'sooner', after: ['later'], priority: 9 },
          { description: 'y', id: 'later' },
        ]);
        expect(await claimAll(store, 'a')).toEqual(['one', 'later']);
      });

      test('tasks that would wait for themselves or each other are refused, by name, and none is added', async () => {
        const message = (tasks: NewTask[]) => store.add(tasks).catch((error: Error) => error.message);
        await refused('usage', () => store.add([{ description: 'x', id: 'me', after: ['me'] }]));
        const circle = [
          { description: 'x', id: 'before', after: ['a'] },
          { description: 'x', id: 'a', after: ['b'] },
          { description: 'x', id: 'b', after: ['c'] },
          { description: 'x', id: 'c', after: ['a'] },
        ];
        await refused('usage', () => store.add(circle));
        expect(await message(circle)).toContain('in a circle: a -> b -> c -> a;');
        expect(await store.counts()).toMatchObject({ total: 0 });
      });

      test('a circle through tasks that are there is refused too', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two', after: ['one'] },
        ]);
        await complete('one');
        await complete('two');
        await store.remove(['one']);
        await refused('usage', () => store.add([{ description: 'x', id: 'one', after: ['two'] }]));
        expect((await store.add([{ description: 'x', id: 'one' }]))[0]?.id).toBe('one');
      });

      test('adds all or none, and a refused batch uses up no id', async () => {
        await refused('not-found', () =>
          store.add([{ description: 'good' }, { description: 'bad', after: ['nobody'] }]),
        );
        expect((await store.add([{ description: 'next' }]))[0]?.id).toBe('task-001');
      });

      test('an empty batch adds nothing', async () => {
        expect(await store.add([])).toEqual([]);
      });

      test('texts come back as they went in', async () => {
        const description = 'line one\nline two\r\n\t"quoted" \\ \u0000 \u2028 ü 漢字 🎼 \ud800 end';
        await store.add([{ description, id: 't' }]);
        expect((await store.get('t'))?.description).toBe(description);
      });
    });

    describe('claim', () => {
      test('gives each task once, however many claim at the same time', async () => {
        await store.add(Array.from({ length: 50 }, (_, i) => ({ description: `work ${i}` })));
        const claims = await Promise.all(
          Array.from({ length: 60 }, (_, i) => store.claim({ run: i % 2 ? 'a' : 'b', leaseMs: LEASE_MS })),
        );
        const ids = claims.flatMap(({ task }) => task?.id ?? []);
        expect(ids).toHaveLength(50);
        expect(new Set(ids).size).toBe(50);
        const tokens = claims.flatMap((claim) => (claim.task ? claim.lease.token : []));
        expect(new Set(tokens).size).toBe(50);
      });

      test('takes a lease and opens an attempt', async () => {
        await store.add([{ description: 'work' }]);
        const { task, lease } = await claimOne(store, 'a');
        expect(lease).toMatchObject({
          taskId: 'task-001',
          run: 'a',
          since: clock.in(0),
          expiresAt: clock.in(LEASE_MS),
        });
        expect(task).toMatchObject({ status: 'in_progress', attempts: 0, startedAt: clock.in(0), lease });
        expect(task.history).toEqual([{ number: 1, run: 'a', startedAt: clock.in(0) }]);
        expect(await store.get('task-001')).toEqual(task);
      });

      test('takes the highest priority first, then the oldest', async () => {
        await store.add([
          { description: 'x', id: 'low', priority: -1 },
          { description: 'x', id: 'old' },
          { description: 'x', id: 'high', priority: 5 },
          { description: 'x', id: 'young' },
          { description: 'x', id: 'high-too', priority: 5 },
        ]);
        expect(await claimAll(store, 'a')).toEqual(['high', 'high-too', 'old', 'young', 'low']);
      });

      test('a task that went back keeps its age', async () => {
        await store.add([{ description: 'first' }, { description: 'second' }]);
        const { lease } = await claimOne(store, 'a');
        await store.settle(lease, again());
        expect(await claimAll(store, 'a')).toEqual(['task-001', 'task-002']);
      });

      test('a task waits until all that it comes after are completed', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two' },
          { description: 'x', id: 'last', after: ['one', 'two', 'one'], priority: 9 },
        ]);
        await complete('two');
        expect(await store.counts()).toMatchObject({ pending: 2, blocked: 1 });
        const { task, lease } = await claimOne(store, 'a');
        expect(task.id).toBe('one');
        await nothing();
        await store.settle(lease, done('ok'));
        expect(await store.counts()).toMatchObject({ pending: 1, blocked: 0 });
        expect(await claimAll(store, 'a')).toEqual(['last']);
      });

      test('a task after a failed one stays blocked, until that one is reset and completed', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'last', after: ['one'] },
        ]);
        await store.settle((await claimOne(store, 'a')).lease, broken());
        expect(await nothing()).toEqual({ heldByOthers: 0 });
        expect(await store.counts()).toMatchObject({ failed: 1, blocked: 1 });
        await store.reset({ ids: ['one'] });
        await complete('one');
        expect(await claimAll(store, 'a')).toEqual(['last']);
      });

      test('a reset dependency blocks again what had become free', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'last', after: ['one'] },
        ]);
        await complete('one');
        await store.reset({ ids: ['one'] });
        expect(await store.counts()).toMatchObject({ pending: 2, blocked: 1 });
        expect(await claimAll(store, 'a')).toEqual(['one']);
      });

      test('a task is not started before its time, and the answer says when the first is due', async () => {
        await store.add([
          { description: 'x', id: 'late', notBefore: clock.in(2000), priority: 9 },
          { description: 'x', id: 'soon', notBefore: clock.in(1000) },
          { description: 'x', id: 'past', notBefore: clock.in(-1000) },
        ]);
        expect(await claimAll(store, 'a')).toEqual(['past']);
        expect(await nothing()).toEqual({ heldByOthers: 0, dueAt: clock.in(1000) });
        clock.advance(999);
        await nothing();
        clock.advance(1);
        expect(await claimAll(store, 'a')).toEqual(['soon']);
        expect(await nothing()).toEqual({ heldByOthers: 0, dueAt: clock.in(1000) });
        clock.advance(1000);
        expect(await claimAll(store, 'a')).toEqual(['late']);
      });

      test('two that became due go by priority, not by time', async () => {
        await store.add([
          { description: 'x', id: 'first-due', notBefore: clock.in(10) },
          { description: 'x', id: 'important', notBefore: clock.in(20), priority: 1 },
        ]);
        clock.advance(20);
        expect(await claimAll(store, 'a')).toEqual(['important', 'first-due']);
      });

      test('the tasks that are excepted are passed over, and given to others in the usual order', async () => {
        await store.add(['a', 'b', 'c', 'd'].map((id) => ({ id, description: id })));
        const except = new Set(['a', 'c']);
        expect((await claimOne(store, 'a', { except })).task.id).toBe('b');
        expect((await claimOne(store, 'a', { except, only: new Set(['c', 'd']) })).task.id).toBe('d');
        expect(await store.claim({ run: 'a', leaseMs: LEASE_MS, except })).toEqual({ heldByOthers: 0 });
        expect(await claimAll(store, 'a')).toEqual(['a', 'c']);
      });

      test('only the named tasks are given, in the usual order', async () => {
        await store.add([
          { description: 'x', id: 'other', priority: 9 },
          { description: 'x', id: 'low' },
          { description: 'x', id: 'high', priority: 1 },
          { description: 'x', id: 'later', notBefore: clock.in(50) },
          { description: 'x', id: 'other-later', notBefore: clock.in(20) },
          { description: 'x', id: 'blocked', after: ['other'] },
        ]);
        const only = new Set(['low', 'high', 'later', 'blocked', 'no-such-task']);
        expect(await claimAll(store, 'a', { only })).toEqual(['high', 'low']);
        expect(await nothing('a', only)).toEqual({ heldByOthers: 0, dueAt: clock.in(50) });
        clock.advance(50);
        expect(await claimAll(store, 'a', { only })).toEqual(['later']);
      });

      test('says what others hold, and when the first of their leases ends', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }, { description: 'three' }]);
        await claimOne(store, 'b');
        clock.advance(100);
        await claimOne(store, 'b');
        await claimOne(store, 'a');
        expect(await nothing('a')).toEqual({ heldByOthers: 2, leaseEndsAt: clock.in(LEASE_MS - 100) });
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(LEASE_MS) });
      });

      test('with named tasks, what others hold counts when a named one is it, or waits for it', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two', after: ['one'] },
          { description: 'x', id: 'three', after: ['two'] },
          { description: 'x', id: 'other' },
        ]);
        await claimOne(store, 'b', { only: new Set(['one']) });
        await claimOne(store, 'b', { only: new Set(['other']) });
        expect(await nothing('a', new Set(['one']))).toMatchObject({ heldByOthers: 1 });
        expect(await nothing('a', new Set(['three']))).toMatchObject({ heldByOthers: 1 });
        expect(await nothing('a', new Set(['other', 'three']))).toMatchObject({ heldByOthers: 2 });
        expect(await nothing('a', new Set(['nobody']))).toEqual({ heldByOthers: 0 });
      });

      test('is refused to a run that has not joined', async () => {
        await store.add([{ description: 'work' }]);
        await expect(store.claim({ run: 'stranger', leaseMs: LEASE_MS })).rejects.toThrow('has to join');
        expect(await store.counts()).toMatchObject({ pending: 1 });
      });
    });

    describe('a claim that is held', () => {
      let claim: Claim;

      beforeEach(async () => {
        await store.add([{ description: 'work' }]);
        claim = await claimOne(store, 'a');
      });

      test('keeps an output as soon as it exists', async () => {
        const task = await store.checkpoint(claim.lease, checkpoint('draft'));
        expect(task.history.at(-1)).toMatchObject({
          output: 'draft',
          usage: { inputTokens: 10, outputTokens: 5 },
        });
        expect(task.history.at(-1)?.outcome).toBeUndefined();
        expect(await store.get('task-001')).toEqual(task);
      });

      test('ends completed, its result kept once', async () => {
        await store.checkpoint(claim.lease, checkpoint('answer'));
        clock.advance(50);
        const task = await store.settle(claim.lease, done('answer'));
        expect(task).toMatchObject({ status: 'completed', result: 'answer', attempts: 1, verified: false });
        expect(task).toMatchObject({ endedAt: clock.in(0), usage: { inputTokens: 10, outputTokens: 5 } });
        expect(task).not.toHaveProperty('lease');
        expect(JSON.stringify(task).split('answer')).toHaveLength(2);
        expect(await store.get('task-001')).toEqual(task);
      });

      test('ends failed, with the reason', async () => {
        const task = await store.settle(claim.lease, broken('cannot be done'));
        expect(task).toMatchObject({
          status: 'failed',
          error: { kind: 'permanent', message: 'cannot be done' },
        });
        expect(await store.counts()).toMatchObject({ failed: 1, in_progress: 0 });
      });

      test('goes back, and its next claim is another attempt', async () => {
        expect(await store.settle(claim.lease, again('try harder'))).toMatchObject({
          status: 'pending',
          attempts: 1,
        });
        const { task } = await claimOne(store, 'b');
        expect(task.history).toMatchObject([
          { number: 1, run: 'a', outcome: 'failed', error: 'try harder' },
          { number: 2, run: 'b' },
        ]);
      });

      test('goes back uncounted when the settlement says so', async () => {
        const task = await store.settle(claim.lease, { status: 'pending', reason: 'stopped' });
        expect(task).toMatchObject({ status: 'pending', attempts: 0, history: [] });
      });

      test('is not lost while it lasts', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        const [first, second] = [await claimOne(store, 'a'), await claimOne(store, 'a')];
        expect(await store.lost([first.lease, second.lease])).toEqual([]);
        await store.settle(first.lease, done('one'));
        expect(await store.lost([first.lease, second.lease])).toEqual([first.lease]);
      });

      test('lasts as long as it is renewed', async () => {
        clock.advance(LEASE_MS - 1);
        expect(await store.renew([claim.lease], LEASE_MS)).toEqual([]);
        clock.advance(LEASE_MS - 1);
        expect(await nothing('b')).toMatchObject({ heldByOthers: 1 });
        expect((await store.get('task-001'))?.lease?.expiresAt).toBe(clock.in(1));
      });

      test('is still good when its time is over but nobody took it', async () => {
        clock.advance(LEASE_MS + 1);
        expect(await store.renew([claim.lease], LEASE_MS)).toEqual([]);
        clock.advance(LEASE_MS + 1);
        await store.checkpoint(claim.lease, checkpoint('late'));
        expect(await store.settle(claim.lease, done('late'))).toMatchObject({
          status: 'completed',
          result: 'late',
        });
      });

      test('is not taken from a run by that run itself', async () => {
        clock.advance(LEASE_MS + 1);
        await nothing('a');
        expect(await store.settle(claim.lease, done('late'))).toMatchObject({ status: 'completed' });
      });

      test('is taken over from a live run when it is late for a third of the lease, and counts as a crash', async () => {
        clock.advance(LEASE_MS - 1);
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(1) });
        clock.advance(1);
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(GRACE_MS) });
        clock.advance(GRACE_MS - 1);
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(1) });
        clock.advance(1);
        const { task, lease } = await claimOne(store, 'b');
        expect(task).toMatchObject({ status: 'in_progress', attempts: 0, crashes: 1, lease: { run: 'b' } });
        expect(task.history).toMatchObject([
          { number: 1, run: 'a', outcome: 'interrupted' },
          { number: 1, run: 'b' },
        ]);
        expect(lease.token).not.toBe(claim.lease.token);
      });

      test('is not taken from a live run by the first look at it, however late that is', async () => {
        clock.advance(100 * LEASE_MS);
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(GRACE_MS) });
        expect(await store.renew([claim.lease], LEASE_MS)).toEqual([]);
      });

      test('that was renewed in between has its whole time again before it is late', async () => {
        clock.advance(LEASE_MS);
        await nothing('b');
        await store.renew([claim.lease], LEASE_MS);
        clock.advance(LEASE_MS);
        expect(await nothing('b')).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(GRACE_MS) });
        expect(await store.settle(claim.lease, done('mine'))).toMatchObject({ status: 'completed' });
      });

      test('is not to be reset or removed as long as its run lives, be it late', async () => {
        clock.advance(2 * LEASE_MS);
        await refused('conflict', () => store.reset({ ids: ['task-001'] }));
        await refused('conflict', () => store.remove(['task-001']));
        expect(await store.reset('failed')).toEqual([]);
      });

      test('is taken over by a claim for what comes after it, too', async () => {
        await store.add([
          { description: 'x', id: 'next', after: ['task-001'] },
          { description: 'x', id: 'last', after: ['next'] },
        ]);
        expect(await nothing('b', new Set(['last']))).toMatchObject({ heldByOthers: 1 });
        await store.leave('a');
        expect(await nothing('b', new Set(['last']))).toEqual({ heldByOthers: 0 });
        expect(await store.get('task-001')).toMatchObject({ status: 'pending', crashes: 1 });
      });

      test('is taken over at once when its run has left', async () => {
        await nothing('b');
        await store.leave('a');
        expect((await claimOne(store, 'b')).task).toMatchObject({ id: 'task-001', crashes: 1 });
      });

      test('is not taken over by a claim for other tasks', async () => {
        await store.leave('a');
        await nothing('b', new Set(['other']));
        expect(await store.get('task-001')).toEqual(claim.task);
      });

      test('leaves its output to who takes it over', async () => {
        await store.checkpoint(claim.lease, checkpoint('draft'));
        await store.leave('a');
        const { task } = await claimOne(store, 'b');
        expect(task.history).toHaveLength(1);
        expect(task.history[0]).toMatchObject({ number: 1, run: 'a', output: 'draft' });
        expect(task.history[0]).not.toHaveProperty('outcome');
      });

      test('sets the task aside when a third runner dies with it', async () => {
        for (const [next, crashes] of [
          ['c', 1],
          ['d', 2],
        ] as const) {
          await store.leave(claim.lease.run);
          await store.join(runInfo(next));
          claim = await claimOne(store, next);
          expect(claim.task.crashes).toBe(crashes);
        }
        await store.leave('d');
        const setAside = { id: 'task-001', status: 'failed', error: { kind: 'crashed' }, crashes: 3 };
        expect(await nothing('b')).toMatchObject({ heldByOthers: 0, setAside: [setAside] });
        expect(await store.get('task-001')).toMatchObject(setAside);
        expect(await nothing('b')).toEqual({ heldByOthers: 0 });
      });

      test('progress between two deaths starts their count anew', async () => {
        await store.leave('a');
        claim = await claimOne(store, 'b');
        expect(claim.task.crashes).toBe(1);
        expect(await store.checkpoint(claim.lease, checkpoint('draft'))).not.toHaveProperty('crashes');
        await store.leave('b');
        await store.join(runInfo('c'));
        expect((await claimOne(store, 'c')).task.crashes).toBe(1);
      });
    });

    describe('a lease that was lost', () => {
      const losses: Record<string, () => Promise<unknown>> = {
        'taken over after its time': async () => {
          await becomesLate();
          await claimOne(store, 'b');
        },
        'taken over after its run left': async () => {
          await store.leave('a');
          await claimOne(store, 'b');
        },
        'taken over, and completed by the other': async () => {
          await becomesLate();
          await store.settle((await claimOne(store, 'b')).lease, done('theirs'));
        },
        'taken over, given back, and claimed again by its own run': async () => {
          await becomesLate();
          await store.settle((await claimOne(store, 'b')).lease, { status: 'pending', reason: 'stopped' });
          await claimOne(store, 'a');
        },
        cancelled: () => store.cancel(['task-001']),
        'cancelled, and reset': async () => {
          await store.cancel(['task-001']);
          await store.reset({ ids: ['task-001'] });
        },
        'cancelled, and removed': async () => {
          await store.cancel(['task-001']);
          await store.remove(['task-001']);
        },
        'settled already': async () => {
          const held = await store.get('task-001');
          if (held?.lease) await store.settle(held.lease, again());
        },
      };

      test.each(Object.keys(losses))('%s: changes nothing any more', async (how) => {
        await store.add([{ description: 'work' }]);
        const { lease } = await claimOne(store, 'a');
        await losses[how]?.();
        await refused('lease-lost', () => store.checkpoint(lease, checkpoint('mine')));
        await refused('lease-lost', () => store.settle(lease, done('mine')));
        const before = await snapshot();
        expect(await store.lost([lease])).toEqual([lease]);
        expect(await store.renew([lease], LEASE_MS)).toEqual([lease]);
        expect(await snapshot()).toEqual(before);
      });

      test('is one whose run is another, whatever its token', async () => {
        await store.add([{ description: 'work' }]);
        const { lease } = await claimOne(store, 'a');
        await refused('lease-lost', () => store.settle({ ...lease, run: 'b' }, done('theirs')));
      });

      test('does not keep others from being renewed', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        const lost = (await claimOne(store, 'a')).lease;
        const kept = (await claimOne(store, 'a')).lease;
        await store.cancel(['task-001']);
        clock.advance(10);
        expect(await store.renew([lost, kept], LEASE_MS)).toEqual([lost]);
        expect((await store.get('task-002'))?.lease?.expiresAt).toBe(clock.in(LEASE_MS));
      });
    });

    describe('what could not be read again is refused, and nothing else with it', () => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;

      test.each<[string, Record<string, unknown>]>([
        ['description', { description: 7 }],
        ['description', { description: undefined }],
        ['priority', { priority: 'high' }],
        ['priority', { priority: Number.NaN }],
        ['priority', { priority: Number.POSITIVE_INFINITY }],
        ['maxAttempts', { maxAttempts: 0 }],
        ['notBefore', { notBefore: 'tomorrow' }],
        ['after', { after: 'first' }],
        ['tags', { tags: 't' }],
        ['tags[1]', { tags: ['t', 1] }],
        ['criteria', { criteria: null }],
        ['metadata', { metadata: [] }],
        ['metadata', { metadata: new Date(0) }],
        ['metadata', { metadata: circle }],
        ['metadata', { metadata: { n: 1n } }],
      ])('a new task with such a %s (%#)', async (field, wrong) => {
        await store.add([{ description: 'x', id: 'first' }]);
        const task = { id: 'bad', description: 'x', ...wrong } as NewTask;
        await refused('usage', () => store.add([{ description: 'y', id: 'good' }, task]));
        const error: unknown = await store.add([task]).catch((thrown: unknown) => thrown);
        expect(String(error)).toMatch(/^OrchError: Task bad cannot be saved/);
        expect(String(error)).toContain(field);
        expect(String(error)).not.toContain('\n');
      });

      const verdict = { passed: true, confidence: 1, feedback: '' };

      test.each<[string, Record<string, unknown>]>([
        ['output', { output: 7 }],
        ['confidence', { confidence: 85 }],
        ['confidence', { confidence: Number.NaN }],
        ['usage', { usage: { inputTokens: 1 } }],
        ['metadata', { metadata: { n: 1n } }],
        ['metadata', { metadata: circle }],
      ])('an output with such a %s (%#)', async (field, wrong) => {
        await store.add([{ description: 'x' }, { description: 'y' }]);
        await store.settle((await claimOne(store, 'a')).lease, again());
        const { lease } = await claimOne(store, 'a');
        const kept = { output: 'x', ...wrong } as Checkpoint;
        await refused('usage', () => store.checkpoint(lease, kept));
        await expect(store.checkpoint(lease, kept)).rejects.toThrow(
          `Task task-001 cannot be saved at history[1].${field}: `,
        );
        await store.checkpoint(lease, checkpoint('x'));
      });

      test.each<[string, unknown]>([
        ['result', { ...done('x'), result: 7 }],
        ['verified', { ...done('x'), verified: 'yes' }],
        ['history[0].verdict', { ...done('x'), attempt: { outcome: 'passed', verdict } }],
        ['history[0].outcome', { ...done('x'), attempt: { outcome: 'good' } }],
        ['error.kind', { ...broken(), error: { kind: 'odd', message: 'x' } }],
        ['error.message', { ...broken(), error: { kind: 'failed', message: 7 } }],
      ])('an end with such a %s', async (field, settlement) => {
        await store.add([{ description: 'x' }, { description: 'y' }]);
        const [first, second] = [await claimOne(store, 'a'), await claimOne(store, 'a')];
        await refused('usage', () => store.settle(first.lease, settlement as Settlement));
        const [bad, good] = await Promise.allSettled([
          store.settle(first.lease, settlement as Settlement),
          store.settle(second.lease, done('fine')),
        ]);
        expect(bad).toMatchObject({ reason: { message: expect.stringContaining(` at ${field}: `) } });
        expect(good).toMatchObject({ value: { status: 'completed' } });
        expect(await store.counts()).toMatchObject({ in_progress: 1, completed: 1 });
      });

      test('an automatic id beyond the last that can be told from others', async () => {
        const there = { description: 'x', status: 'pending', attempts: 0, priority: 0 } as const;
        await store.import([
          { ...there, id: 'task-999999999998', createdAt: '2026-01-01T00:00:00Z', history: [] },
        ]);
        expect(await store.add([{ description: 'y' }])).toMatchObject([{ id: 'task-999999999999' }]);
        await refused('usage', () => store.add([{ description: 'z' }]));
        expect(await store.add([{ description: 'z', id: 'own' }])).toMatchObject([{ id: 'own' }]);
      });

      test('an own id that would leave no automatic one', async () => {
        await refused('usage', () => store.add([{ description: 'x', id: 'task-999999999998' }]));
        expect(await store.add([{ description: 'y' }])).toMatchObject([{ id: 'task-001' }]);
      });
    });

    describe('reopen', () => {
      const verdict = { passed: false, confidence: 1, feedback: 'no longer', issues: ['no longer'] };
      const evidence = [{ verifier: 'check', ...verdict }];

      test('takes a completed task back to pending, and the next attempt is told of it', async () => {
        await store.add([{ description: 'one' }, { description: 'two', after: ['task-001'] }]);
        await store.settle((await claimOne(store, 'a')).lease, done('result'));
        const task = await store.reopen('task-001', 'result', { verdict, evidence });
        expect(task).toMatchObject({ status: 'pending', attempts: 1 });
        expect(task).not.toHaveProperty('result');
        expect(await store.get('task-001')).toEqual(task);
        expect(await store.counts()).toMatchObject({ pending: 2, completed: 0, blocked: 1 });
        const { task: again, lease } = await claimOne(store, 'a');
        expect(again.history).toMatchObject([
          { outcome: 'passed' },
          { outcome: 'rejected', output: 'result', verdict, evidence },
          { number: 2 },
        ]);
        expect(await store.settle(lease, done('better'))).toMatchObject({ result: 'better', attempts: 2 });
      });

      test('refuses one that is not completed with that result, and changes nothing then', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        await store.settle((await claimOne(store, 'a')).lease, done('result'));
        const before = await listed(store);
        await refused('conflict', () => store.reopen('task-001', 'another', { verdict }));
        await refused('conflict', () => store.reopen('task-002', '', { verdict }));
        await refused('not-found', () => store.reopen('nobody', '', { verdict }));
        await refused('usage', () => store.reopen('task-001', 'result', { verdict: {} as never }));
        expect(await listed(store)).toEqual(before);
      });
    });

    describe('reset', () => {
      test('takes completed and failed tasks back to pending, clean, with their history', async () => {
        await store.add([{ description: 'one', priority: 2, tags: ['t'] }, { description: 'two' }]);
        await store.settle((await claimOne(store, 'a')).lease, done('result'));
        await store.settle((await claimOne(store, 'a')).lease, broken());
        const reset = await store.reset({ ids: ['task-002', 'task-001', 'task-002'] });
        expect(reset.map(({ id }) => id)).toEqual(['task-002', 'task-001']);
        const one = await store.get('task-001');
        expect(one).toMatchObject({ status: 'pending', attempts: 0, priority: 2, tags: ['t'] });
        for (const gone of ['result', 'error', 'startedAt', 'endedAt', 'verified', 'lease', 'crashes']) {
          expect(one).not.toHaveProperty(gone);
        }
        expect(one?.history).toMatchObject([{ number: 1, outcome: 'passed', output: 'result' }]);
        expect((await claimOne(store, 'a')).task.history.at(-1)).toMatchObject({ number: 1 });
      });

      test('drops a checkpoint', async () => {
        await store.add([{ description: 'one' }]);
        const { lease } = await claimOne(store, 'a');
        await store.settle(lease, { status: 'pending', reason: 'stopped', attempt: { output: 'draft' } });
        expect(await store.reset({ ids: ['task-001'] })).toHaveLength(1);
        const { task } = await claimOne(store, 'a');
        expect(task.history).toMatchObject([{ outcome: 'interrupted' }, { number: 1 }]);
      });

      test('leaves a task that was never tried as it is', async () => {
        const added = await store.add([{ description: 'one' }]);
        expect(await store.reset({ ids: ['task-001'] })).toEqual([]);
        expect(await listed(store)).toEqual(added);
      });

      test('refuses what a live run holds, and resets nothing then', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        await store.settle((await claimOne(store, 'a')).lease, broken());
        await claimOne(store, 'a');
        await refused('conflict', () => store.reset({ ids: ['task-001', 'task-002'] }));
        await refused('conflict', () => store.reset('all'));
        await refused('not-found', () => store.reset({ ids: ['task-001', 'nobody'] }));
      });

      test('`failed` takes the failed and what dead runs left, and nothing else', async () => {
        await store.add(['failed', 'left', 'held', 'done', 'new'].map((id) => ({ description: 'x', id })));
        await store.settle((await claimOne(store, 'a')).lease, broken());
        const left = await claimOne(store, 'a');
        await store.leave('a');
        await claimOne(store, 'b', { only: new Set(['held']) });
        const { lease } = await claimOne(store, 'b', { only: new Set(['done']) });
        await store.settle(lease, done('ok'));
        expect((await store.reset('failed')).map(({ id }) => id)).toEqual(['failed', 'left']);
        expect(await store.counts()).toMatchObject({ pending: 3, in_progress: 1, completed: 1, failed: 0 });
        await refused('lease-lost', () => store.settle(left.lease, done('late')));
      });

      test('`all` takes every task that was tried', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }, { description: 'new' }]);
        await store.settle((await claimOne(store, 'a')).lease, done('ok'));
        await store.settle((await claimOne(store, 'a')).lease, again());
        expect((await store.reset('all')).map(({ id }) => id)).toEqual(['task-001', 'task-002']);
        expect(await store.counts()).toMatchObject({ pending: 3, completed: 0 });
      });

      test('a completed task no longer waits for what was removed since', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two' },
          { description: 'x', id: 'last', after: ['one', 'two'] },
        ]);
        for (const id of ['one', 'two', 'last']) await complete(id);
        await store.remove(['one']);
        expect((await store.reset({ ids: ['last'] }))[0]?.after).toEqual(['two']);
        await store.remove(['last']);
      });
    });

    describe('cancel', () => {
      test('ends pending and running tasks as failed, and refuses ended ones, all or none', async () => {
        await store.add(['running', 'done', 'waiting'].map((id) => ({ description: 'x', id })));
        await claimOne(store, 'a');
        await complete('done');
        await refused('conflict', () => store.cancel(['running', 'done', 'waiting']));
        const cancelled = await store.cancel(['running', 'waiting']);
        expect(cancelled.map(({ id }) => id)).toEqual(['running', 'waiting']);
        for (const id of ['running', 'waiting']) {
          const task = await store.get(id);
          expect(task).toMatchObject({ status: 'failed', attempts: 0, error: { kind: 'cancelled' } });
          expect(task).not.toHaveProperty('lease');
        }
        expect(await store.get('done')).toMatchObject({ status: 'completed', result: 'ok' });
        expect(await nothing()).toEqual({ heldByOthers: 0 });
        await refused('conflict', () => store.cancel(['running']));
      });

      test('of an unknown task cancels nothing', async () => {
        await store.add([{ description: 'one' }]);
        await refused('not-found', () => store.cancel(['task-001', 'nobody']));
      });
    });

    describe('remove', () => {
      test('takes tasks away', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }, { description: 'three' }]);
        await complete('task-002');
        await store.remove(['task-001', 'task-002', 'task-001']);
        expect(await idsOf(store)).toEqual(['task-003']);
        expect(await store.get('task-001')).toBeUndefined();
        expect(await store.counts()).toMatchObject({ pending: 1, completed: 0, total: 1 });
        expect(await claimAll(store, 'a')).toEqual(['task-003']);
      });

      test('removes nothing when one is unknown, or held by a live run', async () => {
        await store.add([{ description: 'one' }, { description: 'two' }]);
        await claimOne(store, 'a');
        await refused('not-found', () => store.remove(['task-002', 'nobody']));
        await refused('conflict', () => store.remove(['task-002', 'task-001']));
        await store.leave('a');
        await store.remove(['task-002', 'task-001']);
        expect(await idsOf(store)).toEqual([]);
      });

      test('refuses what an unfinished task comes after, unless that one goes too', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two', after: ['one'] },
          { description: 'x', id: 'other' },
        ]);
        await refused('conflict', () => store.remove(['other', 'one']));
        await complete('one');
        await refused('conflict', () => store.remove(['one']));
        await store.cancel(['two']);
        await refused('conflict', () => store.remove(['one']));
        await store.remove(['one', 'two']);
        expect(await idsOf(store)).toEqual(['other']);
      });

      test('takes away what only completed tasks came after', async () => {
        await store.add([
          { description: 'x', id: 'one' },
          { description: 'x', id: 'two', after: ['one'] },
        ]);
        await complete('one');
        await complete('two');
        await store.remove(['one']);
        expect(await idsOf(store)).toEqual(['two']);
      });

      test('the id of a removed task can be used again by a new one', async () => {
        await store.add([{ description: 'old', id: 'mine' }, { description: 'x' }]);
        await store.remove(['mine']);
        await store.add([{ description: 'new', id: 'mine' }]);
        expect(await idsOf(store)).toEqual(['task-001', 'mine']);
        expect(await claimAll(store, 'a')).toEqual(['task-001', 'mine']);
      });
    });

    describe('looking', () => {
      test('lists in the order of adding, by status', async () => {
        await store.add([
          { description: 'x', id: 'c' },
          { description: 'x', id: 'a', priority: 9 },
          { description: 'x', id: 'b' },
          { description: 'x', id: 'd' },
        ]);
        await complete('d');
        expect(await idsOf(store)).toEqual(['c', 'a', 'b', 'd']);
        expect(await idsOf(store, { status: 'pending' })).toEqual(['c', 'a', 'b']);
        expect(await idsOf(store, { status: 'completed' })).toEqual(['d']);
        expect(await idsOf(store, { status: 'failed' })).toEqual([]);
      });

      test('counts each status, and blocked inside pending', async () => {
        const empty = { pending: 0, in_progress: 0, completed: 0, failed: 0, blocked: 0, total: 0 };
        expect(await store.counts()).toEqual(empty);
        await store.add(['one', 'two', 'three', 'four'].map((id) => ({ description: 'x', id })));
        await store.add([
          { description: 'x', after: ['one', 'three'] },
          { description: 'x', after: ['four'] },
        ]);
        await store.settle((await claimOne(store, 'a')).lease, done('ok'));
        await store.settle((await claimOne(store, 'a')).lease, broken());
        await claimOne(store, 'a');
        expect(await store.counts()).toEqual({
          pending: 3,
          in_progress: 1,
          completed: 1,
          failed: 1,
          blocked: 2,
          total: 6,
        });
      });

      test('finds no task under an unknown id', async () => {
        expect(await store.get('nobody')).toBeUndefined();
        expect(await store.get('__proto__')).toBeUndefined();
      });

      test('what came out is not changed by what happens later', async () => {
        const [added] = await store.add([{ description: 'one' }]);
        const copy = structuredClone(added);
        await complete('task-001');
        expect(added).toEqual(copy);
      });
    });

    describe('runs', () => {
      test('are those that joined and have not left', async () => {
        const runs = await store.runs();
        expect(runs.toSorted((x, y) => x.id.localeCompare(y.id))).toEqual([runInfo('a'), runInfo('b')]);
        await store.leave('a');
        expect(await store.runs()).toEqual([runInfo('b')]);
        await store.leave('a');
      });

      test('join once', async () => {
        await expect(store.join(runInfo('a'))).rejects.toThrow('joined the store already');
        await store.leave('a');
        await store.join(runInfo('a'));
        expect(await store.runs()).toHaveLength(2);
      });
    });

    describe('changes', () => {
      test('wakes the listeners, until they end it', async () => {
        const first = Promise.withResolvers<void>();
        const second = Promise.withResolvers<void>();
        const third = Promise.withResolvers<void>();
        let calls = 0;
        const end = store.changes(() => {
          calls++;
          first.resolve();
        });
        await store.add([{ description: 'one' }]);
        await first.promise;
        const endSecond = store.changes(() => second.resolve());
        await complete('task-001');
        await second.promise;
        end();
        endSecond();
        const before = calls;
        const endThird = store.changes(() => third.resolve());
        await store.add([{ description: 'two' }]);
        await third.promise;
        endThird();
        expect(calls).toBe(before);
      });

      test('the same listener given twice ends twice', async () => {
        const woken = Promise.withResolvers<void>();
        const listener = () => woken.resolve();
        store.changes(listener)();
        const end = store.changes(listener);
        store.changes(listener)();
        await store.add([{ description: 'one' }]);
        await woken.promise;
        end();
      });
    });

    describe('close', () => {
      test('ends the store: nothing more can be done with it', async () => {
        await store.add([{ description: 'one' }]);
        const { lease } = await claimOne(store, 'a');
        await store.close();
        const operations: (() => Promise<unknown>)[] = [
          () => store.add([{ description: 'x' }]),
          () => store.claim({ run: 'a', leaseMs: LEASE_MS }),
          () => store.checkpoint(lease, checkpoint('x')),
          () => store.settle(lease, done('x')),
          () => store.renew([lease], LEASE_MS),
          () => store.get('task-001'),
          () => listed(store),
          () => store.counts(),
          () => store.reset('failed'),
          () => store.cancel(['task-001']),
          () => store.remove(['task-001']),
          () => store.join(runInfo('x')),
          () => store.leave('a'),
          () => store.runs(),
        ];
        for (const operation of operations) {
          const error: unknown = await operation().catch((thrown: unknown) => thrown);
          expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining('closed') });
        }
        await store.close();
      });

      test('lets finish what was begun', async () => {
        const adding = store.add([{ description: 'one' }]);
        await store.close();
        expect(await adding).toMatchObject([{ id: 'task-001' }]);
      });
    });
  });
}
