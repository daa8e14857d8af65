import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveRun, RunCommand, TaskStore } from '../../src/ports/task-store.ts';
import { claimAll, claimOne, done, listed, runInfo } from '../support/store-parts.ts';

function told(id: string, command?: RunCommand): LiveRun {
  return command ? { ...runInfo(id), told: command } : runInfo(id);
}

function byId(runs: LiveRun[]): LiveRun[] {
  return runs.toSorted((x, y) => x.id.localeCompare(y.id));
}

async function lastWord(store: TaskStore, run: string): Promise<RunCommand | undefined> {
  return (await store.told(run))?.command;
}

/** Resolves when a run that asks whenever the store calls, as runs do, is told so. */
function hears(store: TaskStore, run: string, command: RunCommand): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = store.changes(() => {
      store.told(run).then((last) => {
        if (last?.command !== command) return;
        end();
        resolve();
      }, reject);
    });
  });
}

/** What telling runs means on every store. @param open gives an empty one. */
export function controlContract(name: string, open: () => Promise<TaskStore>): void {
  describe(`${name} as what steers runs`, () => {
    let store: TaskStore;

    beforeEach(async () => {
      store = await open();
      await store.add([{ description: 'one' }]);
      await store.join(runInfo('a'));
      await store.join(runInfo('b'));
    });

    afterEach(() => store.close());

    test('a run that was told nothing is told nothing', async () => {
      expect(await lastWord(store, 'a')).toBeUndefined();
      expect(await lastWord(store, 'nobody')).toBeUndefined();
      expect(await lastWord(store, '__proto__')).toBeUndefined();
      expect(byId(await store.runs())).toEqual([told('a'), told('b')]);
    });

    test('what stopped a run is kept when it has left, until one leaves that nothing stopped', async () => {
      const stop = { kind: 'unavailable' as const, message: 'later', resumeAt: '2026-02-01T00:00:00.000Z' };
      expect(await store.lastStop()).toBeUndefined();
      await store.leave('nobody', stop);
      expect(await store.lastStop()).toBeUndefined();
      await store.leave('a', stop);
      expect(await store.lastStop()).toEqual({ ...stop, run: 'a', at: expect.stringMatching(/^\d{4}-.*Z$/) });
      await store.leave('b');
      expect(await store.lastStop()).toBeUndefined();
    });

    test('what stopped a run is past when another one has begun, however that one ends, or when all tasks are reset', async () => {
      const stop = { kind: 'safety' as const, message: 'enough' };
      await store.leave('a', stop);
      await store.join(runInfo('c'));
      expect(await store.lastStop()).toBeUndefined();
      await store.leave('c', stop);
      await store.reset('failed');
      expect(await store.lastStop()).toMatchObject({ run: 'c' });
      await store.reset('all');
      expect(await store.lastStop()).toBeUndefined();
    });

    test('what a run lets others see of itself is seen until it leaves, the last of it', async () => {
      const note = (used: number) => ({ safety: { near: [{ what: 'attempts', used, limit: 1_000_000 }] } });
      for (const used of [123_456, 5]) {
        await store.note('a', note(used));
        expect(byId(await store.runs())).toEqual([{ ...told('a'), ...note(used) }, told('b')]);
      }
      await store.note('nobody', note(1));
      await store.note('a', { safety: { near: [], tripped: 'enough' } });
      await store.control('stop');
      expect(byId(await store.runs())).toEqual([
        { ...told('a', 'stop'), safety: { near: [], tripped: 'enough' } },
        told('b', 'stop'),
      ]);
      await store.leave('a');
      expect(await store.runs()).toEqual([told('b', 'stop')]);
    });

    test('a note of one thing leaves what was noted of others', async () => {
      const limits = { m: { requests: { perMinute: 600, most: 10 } } };
      const safety = { near: [] };
      await store.note('a', { safety });
      await store.note('a', { limits });
      expect(byId(await store.runs())[0]).toEqual({ ...told('a'), safety, limits });
      await store.note('a', { safety: { near: [], tripped: 'enough' } });
      expect(byId(await store.runs())[0]).toMatchObject({ safety: { tripped: 'enough' }, limits });
    });

    test('until when a run was told to wait is seen, until it notes that it no longer is', async () => {
      const holds = { m: '2026-12-01T00:00:00.000Z' };
      await store.note('a', { limits: {}, holds });
      expect(byId(await store.runs())[0]).toEqual({ ...told('a'), limits: {}, holds });
      await store.note('a', { limits: {}, holds: {} });
      expect(byId(await store.runs())[0]).toEqual({ ...told('a'), limits: {}, holds: {} });
    });

    test('every run that lives is told, and the last word counts', async () => {
      for (const command of ['pause', 'resume', 'pause', 'pause', 'stop'] as const) {
        const runs = [told('a', command), told('b', command)];
        expect(byId(await store.control(command))).toEqual(runs);
        expect(byId(await store.runs())).toEqual(runs);
        expect([await lastWord(store, 'a'), await lastWord(store, 'b')]).toEqual([command, command]);
      }
    });

    test('the same word told again has another number', async () => {
      await store.control('pause');
      const first = await store.told('a');
      expect(await store.told('a')).toEqual(first);
      await store.control('pause');
      expect((await store.told('a'))?.number).toBeGreaterThan(first?.number ?? 0);
    });

    test('nothing takes a stop back', async () => {
      await store.control('stop');
      for (const command of ['resume', 'pause'] as const) {
        expect(byId(await store.control(command))).toEqual([told('a', 'stop'), told('b', 'stop')]);
      }
      expect(await lastWord(store, 'a')).toBe('stop');
    });

    test('one that has left is not told, and what it was told is forgotten', async () => {
      await store.control('pause');
      await store.leave('a');
      expect(await lastWord(store, 'a')).toBeUndefined();
      expect(await store.runs()).toEqual([told('b', 'pause')]);
      expect(await store.control('stop')).toEqual([told('b', 'stop')]);
      expect(await lastWord(store, 'a')).toBeUndefined();
    });

    test('who joins is told how many lived before, also of those that join at the same time', async () => {
      const before = await Promise.all([store.join(runInfo('c')), store.join(runInfo('d'))]);
      expect(before.toSorted()).toEqual([2, 3]);
      await store.leave('a');
      expect(await store.join(runInfo('e'))).toBe(3);
    });

    test('one that joins later was told nothing', async () => {
      await store.control('pause');
      await store.join(runInfo('c'));
      expect(await lastWord(store, 'c')).toBeUndefined();
      expect(byId(await store.runs())).toEqual([told('a', 'pause'), told('b', 'pause'), told('c')]);
      await store.control('resume');
      expect(await lastWord(store, 'c')).toBe('resume');
    });

    test('where none lives none is told', async () => {
      await store.leave('a');
      await store.leave('b');
      expect(await store.control('pause')).toEqual([]);
      await store.join(runInfo('c'));
      expect(await lastWord(store, 'c')).toBeUndefined();
    });

    test('several commands at once are told in their order', async () => {
      await Promise.all([store.control('pause'), store.control('pause'), store.control('resume')]);
      expect([await lastWord(store, 'a'), await lastWord(store, 'b')]).toEqual(['resume', 'resume']);
    });

    test('it wakes who listens, without any other change', async () => {
      for (const command of ['pause', 'resume', 'stop'] as const) {
        const heard = hears(store, 'a', command);
        await store.control(command);
        await heard;
      }
    });

    test('tasks are as they were: it is the run that heeds it', async () => {
      await store.add([{ description: 'two' }]);
      const { lease } = await claimOne(store, 'a');
      const before = { tasks: await listed(store), counts: await store.counts() };
      await store.control('pause');
      expect({ tasks: await listed(store), counts: await store.counts() }).toEqual(before);
      expect(await claimAll(store, 'a')).toEqual(['task-002']);
      expect(await store.settle(lease, done('ok'))).toMatchObject({ status: 'completed' });
      expect(await lastWord(store, 'a')).toBe('pause');
    });

    test('a store that has no task yet tells too', async () => {
      const empty = await open();
      await empty.join(runInfo('a'));
      const heard = hears(empty, 'a', 'stop');
      expect(await empty.control('stop')).toEqual([told('a', 'stop')]);
      await heard;
      await empty.close();
    });

    test('a closed store tells nobody', async () => {
      await store.close();
      for (const operation of [() => store.control('pause'), () => store.told('a')]) {
        const error: unknown = await operation().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining('closed') });
      }
    });
  });
}

/** The same of a store that many use at once. @param open gives a new object of one and the same store. */
export function sharedControlContract(name: string, create: () => () => Promise<TaskStore>): void {
  describe(`${name} as what steers the runs of others`, () => {
    let open: () => Promise<TaskStore>;
    let one: TaskStore;
    let two: TaskStore;

    beforeEach(async () => {
      open = create();
      one = await open();
      two = await open();
      await one.add([{ description: 'what both share' }]);
      await one.join(runInfo('a'));
      await two.join(runInfo('b'));
    });

    afterEach(() => Promise.all([one.close(), two.close()]));

    test('the runs of all are told, and all see it', async () => {
      const runs = [told('a', 'pause'), told('b', 'pause')];
      expect(byId(await one.control('pause'))).toEqual(runs);
      for (const store of [one, two]) {
        expect(byId(await store.runs())).toEqual(runs);
        expect([await lastWord(store, 'a'), await lastWord(store, 'b')]).toEqual(['pause', 'pause']);
      }
      await two.control('resume');
      expect([await lastWord(one, 'a'), await lastWord(one, 'b')]).toEqual(['resume', 'resume']);
    });

    test('it wakes who listens elsewhere, without any other change', async () => {
      for (const command of ['pause', 'resume', 'stop'] as const) {
        const heard = hears(one, 'a', command);
        await two.control(command);
        await heard;
      }
    });

    test('whoever told may go, and whoever comes sees it', async () => {
      const teller = await open();
      await teller.control('pause');
      await teller.close();
      expect(await lastWord(one, 'a')).toBe('pause');
      const late = await open();
      expect(byId(await late.runs())).toEqual([told('a', 'pause'), told('b', 'pause')]);
      await late.close();
    });

    test('it lasts however much the tasks change', async () => {
      await one.control('pause');
      for (let i = 0; i < 30; i++) {
        const store = await open();
        await store.add([{ description: 'one more' }]);
        await store.close();
      }
      expect([await lastWord(one, 'a'), await lastWord(two, 'b')]).toEqual(['pause', 'pause']);
    });

    test('what stopped one lasts when all have closed, however much the tasks change', async () => {
      await one.leave('a', { kind: 'safety', message: 'enough' });
      expect(await two.lastStop()).toMatchObject({ run: 'a', kind: 'safety', message: 'enough' });
      await Promise.all([one.close(), two.close()]);
      for (let i = 0; i < 3; i++) {
        const store = await open();
        expect(await store.lastStop()).toMatchObject({ run: 'a', message: 'enough' });
        await store.add([{ description: 'one more' }]);
        await store.close();
      }
      const [later, reader] = [await open(), await open()];
      await later.join(runInfo('later'));
      expect(await reader.lastStop()).toBeUndefined();
      await later.close();
      await reader.add([{ description: 'one more' }]);
      await reader.close();
      const last = await open();
      expect(await last.lastStop()).toBeUndefined();
      await last.close();
    });

    test('one that has left is told no more, whoever asks', async () => {
      await one.control('pause');
      await two.leave('b');
      expect([await lastWord(one, 'b'), await lastWord(two, 'b')]).toEqual([undefined, undefined]);
      expect(await one.control('stop')).toEqual([told('a', 'stop')]);
    });

    test('one that ended with its store is told no more', async () => {
      await one.control('pause');
      await two.close();
      expect(await lastWord(one, 'b')).toBeUndefined();
      expect(await one.runs()).toEqual([told('a', 'pause')]);
    });
  });
}
