import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import type { Blocked, SurveyRequest } from '../../src/ports/survey.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { again, broken, checkpoint, claimOne, done, runInfo } from '../support/store-parts.ts';

/** What a survey has to say of every store. @param open gives an empty store that goes by the clock. */
export function surveyContract(name: string, open: (clock: ManualClock) => Promise<TaskStore>): void {
  describe(`a survey of ${name}`, () => {
    let store: TaskStore;
    let clock: ManualClock;

    beforeEach(async () => {
      clock = new ManualClock();
      store = await open(clock);
      await store.join(runInfo('a'));
    });

    afterEach(() => store.close());

    const survey = (request: Partial<SurveyRequest> = {}) => store.survey({ most: 100, ...request });
    const add = (...tasks: { id: string; after?: string[]; priority?: number; notBefore?: string }[]) =>
      store.add(tasks.map((each) => ({ description: `do ${each.id}`, ...each })));
    const claim = (id: string) => claimOne(store, 'a', { only: new Set([id]) });
    const settle = async (id: string, settlement: Parameters<TaskStore['settle']>[1]) =>
      store.settle((await claim(id)).lease, settlement);

    test('an empty store is empty', async () => {
      expect(await survey()).toMatchObject({
        at: clock.now(),
        counts: { pending: 0, in_progress: 0, completed: 0, failed: 0, blocked: 0, total: 0 },
        ...{ laterCount: 0, stuckCount: 0, unverified: 0 },
        done: { completed: 0, failed: 0, retried: 0 },
        ...{ running: [], failed: [], hopeful: [], stuck: [], ready: [], later: [] },
      });
    });

    test('has each kind of task in its order, and counts them all', async () => {
      await add(
        { id: 'done' },
        { id: 'runs' },
        { id: 'broken' },
        { id: 'low', priority: -1 },
        { id: 'high', priority: 1 },
        { id: 'later', notBefore: clock.in(9000) },
        { id: 'sooner', notBefore: clock.in(5000) },
        { id: 'waits', after: ['runs', 'later'] },
        { id: 'stuck', after: ['done', 'broken'] },
        { id: 'behind', after: ['stuck', 'high'] },
      );
      await settle('done', done('x'));
      await settle('broken', broken());
      await claim('runs');
      const found = await survey();
      expect(found.counts).toEqual(await store.counts());
      expect(found.counts).toMatchObject({ pending: 7, in_progress: 1, completed: 1, failed: 1, blocked: 3 });
      expect({ ...found, running: ids(found.running), failed: ids(found.failed) }).toMatchObject({
        ...{ running: ['runs'], failed: ['broken'], laterCount: 2, stuckCount: 2, unverified: 1 },
      });
      expect([ids(found.ready), ids(found.later)]).toEqual([
        ['high', 'low'],
        ['sooner', 'later'],
      ]);
      expect(found.hopeful.map(told)).toEqual(['waits: runs in_progress, later pending']);
      expect(found.stuck.map(told)).toEqual([
        'stuck: broken failed, for good',
        'behind: stuck pending, high pending, for good',
      ]);
      expect(found.running[0]?.lease?.run).toBe('a');
    });

    test('gives no more of a kind than is asked for, and the first of them', async () => {
      await add({ id: 'f1' }, { id: 'f2' }, { id: 'r1' }, { id: 'r2' }, { id: 'l2', notBefore: clock.in(9) });
      await add(
        { id: 'l1', notBefore: clock.in(5) },
        { id: 'b1', after: ['f2'] },
        { id: 'b2', after: ['f1'] },
      );
      await add({ id: 'b0', after: ['r2'], priority: 3 }, { id: 'b3', after: ['b0'] });
      await store.cancel(['f2', 'f1']);
      const found = await survey({ most: 1 });
      expect(found).toMatchObject({ laterCount: 2, stuckCount: 2, counts: { failed: 2, blocked: 4 } });
      const named = [found.failed, found.ready, found.later].map(ids);
      expect(named).toEqual([['f1'], ['r1'], ['l1']]);
      expect([found.stuck, found.hopeful].map((some) => some.map(told))).toEqual([
        ['b1: f2 failed, for good'],
        ['b0: r2 pending'],
      ]);
      for (let i = 0; i < 2; i++) await store.claim({ run: 'a', leaseMs: 60_000 });
      const running = async (request: Partial<SurveyRequest>) => ids((await survey(request)).running);
      expect(await running({ most: 1 })).toEqual(['r1']);
      expect(await running({ most: 1, mostRunning: Infinity })).toEqual(['r1', 'r2']);
      const none = await survey({ most: 0 });
      expect(none).toMatchObject({ failed: [], ready: [], later: [], hopeful: [], stuck: [], stuckCount: 2 });
    });

    test('follows what is reset, removed, given again and edited', async () => {
      await add({ id: 'x' }, { id: 'y', after: ['x'] }, { id: 'z', after: ['y'] });
      await settle('x', broken());
      expect(await survey()).toMatchObject({ stuckCount: 2, counts: { blocked: 2 } });
      await store.cancel(['y']);
      expect(await survey()).toMatchObject({ stuckCount: 1, counts: { blocked: 1, failed: 2 } });
      await store.reset('failed');
      expect(await survey()).toMatchObject({ stuckCount: 0, counts: { blocked: 2, failed: 0 } });
      await store.edit('y', { after: null, notBefore: clock.in(1) });
      expect(await survey()).toMatchObject({ laterCount: 1, counts: { blocked: 1 } });
      clock.advance(1);
      expect(await survey()).toMatchObject({ laterCount: 0, counts: { blocked: 1 } });
      await store.remove(['z']);
      expect(await survey()).toMatchObject({ counts: { pending: 2, blocked: 0, total: 2 } });
    });

    test('of some tasks is of those, whatever they wait for; with what is earlier, of that too', async () => {
      await add({ id: 'x' }, { id: 'y', after: ['x'] }, { id: 'z', after: ['y'] }, { id: 'w' });
      await store.cancel(['x']);
      const found = await survey({ only: new Set(['z', 'w', 'unknown']) });
      expect(found.counts).toMatchObject({ pending: 2, failed: 0, blocked: 1, total: 2 });
      expect(found.stuck.map(told)).toEqual(['z: y pending, for good']);
      expect([ids(found.failed), ids(found.ready)]).toEqual([[], ['w']]);
      const earlier = await survey({ only: new Set(['z']), withEarlier: true });
      expect(earlier.counts).toMatchObject({ pending: 2, failed: 1, blocked: 2, total: 3 });
      expect(earlier.stuck.map(told)).toEqual(['y: x failed, for good', 'z: y pending, for good']);
    });

    test('sums up what was used, that of an output which waits for its verdict too; an unknown price stays so', async () => {
      const usage = { inputTokens: 3, outputTokens: 4, cacheReadTokens: 2, costUsd: 0.1 };
      const cost = { attempt: { outcome: 'passed', usage } } as const;
      await add({ id: 'x' }, { id: 'y' }, { id: 'z' });
      expect((await survey()).usage).toBeUndefined();
      await settle('x', { status: 'completed', result: 'x', verified: true, ...cost });
      await settle('y', { status: 'completed', result: 'y', verified: false, ...cost });
      const twice = await survey();
      expect(twice.usage).toEqual({
        ...{ inputTokens: 6, outputTokens: 8, cacheReadTokens: 4 },
        costUsd: expect.closeTo(0.2, 10),
      });
      expect(twice.unverified).toBe(1);
      await store.checkpoint((await claim('z')).lease, checkpoint('z'));
      expect((await survey()).usage).toEqual({ inputTokens: 16, outputTokens: 13, cacheReadTokens: 4 });
      await store.remove(['y']);
      expect((await survey()).usage).toEqual({ inputTokens: 13, outputTokens: 9, cacheReadTokens: 2 });
    });

    test('says what each run did, and holds', async () => {
      await store.join(runInfo('idle'));
      await add({ id: 'x' }, { id: 'y' }, { id: 'z' }, { id: 'w' });
      await settle('x', again());
      await settle('x', done('x'));
      await settle('y', broken());
      await claim('z');
      const { works, done: all } = await survey();
      expect(works.get('a')).toEqual({ held: 1, completed: 1, failed: 1, retried: 1, lately: 2 });
      expect(works.get('idle')?.held ?? 0).toBe(0);
      expect(all).toEqual({ completed: 1, failed: 1, retried: 1 });
      expect((await survey({ doneSince: clock.now() })).done).toEqual(all);
      await store.reset({ ids: ['x'] });
      expect((await survey()).works.get('a')).toMatchObject({ completed: 0, failed: 1, retried: 1 });
      clock.advance(600_000);
      expect((await survey()).works.get('a')).toMatchObject({ failed: 1, lately: 0 });
    });

    test('shows what runs, and what ended since', async () => {
      await add({ id: 'old' }, { id: 'new' }, { id: 'runs' }, { id: 'waits' });
      await settle('old', done('x'));
      clock.advance(3_600_000);
      await store.join(runInfo('b'));
      await claimOne(store, 'b', { only: new Set(['runs']) });
      await store.settle((await claimOne(store, 'b', { only: new Set(['new']) })).lease, done('x'));
      const seen = new Set<string>();
      await survey({ changed: { since: clock.now() - 1000, see: ({ id }) => seen.add(id) } });
      expect([...seen]).toEqual(expect.arrayContaining(['new', 'runs']));
    });

    test('says how many are claimed before one', async () => {
      await add({ id: 'low', priority: -1 }, { id: 'x' }, { id: 'y' }, { id: 'high', priority: 1 });
      await add(
        { id: 'later', priority: 5, notBefore: clock.in(9) },
        { id: 'waits', priority: 5, after: ['x'] },
      );
      const ahead = await Promise.all(['low', 'x', 'y', 'high'].map((id) => store.ahead(id)));
      expect(ahead).toEqual([
        { higher: 3, older: 0 },
        { higher: 1, older: 0 },
        { higher: 1, older: 1 },
        { higher: 0, older: 0 },
      ]);
      for (const id of ['later', 'waits', 'unknown'])
        expect(await store.ahead(id)).toEqual({ higher: 0, older: 0 });
    });
  });
}

function ids(tasks: readonly Task[]): string[] {
  return tasks.map(({ id }) => id);
}

function told({ task, waitsFor, forGood }: Blocked): string {
  const waits = waitsFor.map(({ id, status }) => `${id} ${status ?? 'gone'}`).join(', ');
  return `${task.id}: ${waits}${forGood ? ', for good' : ''}`;
}
