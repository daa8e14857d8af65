import { describe, expect, test } from 'vitest';
import { boardLines } from '../../../src/cli/board/render.ts';
import { jsonDocument } from '../../../src/cli/output.ts';
import { briefEvent } from '../../../src/cli/reporters/json.ts';
import { paint } from '../../../src/cli/terminal.ts';
import { type Look, lookAt } from '../../../src/cli/watch/look.ts';
import { storeBoard } from '../../../src/cli/watch/store-board.ts';
import type { Task } from '../../../src/model/task.ts';
import type { Verdict } from '../../../src/model/verdict.ts';
import type { Claim } from '../../../src/ports/task-store.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { compile, faults, readSchemas } from '../schemas/validators.ts';

const validators = compile(readSchemas());

/** A store with a run, and somebody who looks at it now and then. */
async function watched(...descriptions: string[]) {
  const time = new ManualClock();
  const store = new MemoryTaskStore({ clock: time });
  const info = { pid: 1, host: 'h', startedAt: new Date(time.now()).toISOString() };
  await store.join({ ...info, id: 'run-a' });
  await store.add(descriptions.map((description) => ({ description })));
  let last: Look | undefined;
  const look = async () => {
    last = await lookAt(store, last, time.now());
    // Whatever is told has the form that events of a run have.
    for (const event of last.events)
      expect(faults(validators.event, JSON.parse(jsonDocument(briefEvent(event))))).toEqual([]);
    return last.events.map(({ event, ...rest }) => ['task' in rest ? rest.task.id : '', event].join(' '));
  };
  const claim = async (run = 'run-a') => {
    time.advance(1000);
    const answer = await store.claim({ run, leaseMs: 60_000 });
    if (!answer.task) throw new Error('nothing to claim');
    return answer as Claim;
  };
  const board = () => storeBoard(last as Look, { name: 'tasks.json', clean: (text) => text });
  return { store, time, info, look, claim, board, events: () => last?.events ?? [] };
}

const NO: Verdict = { passed: false, confidence: 0.9, feedback: 'too long', issues: ['a'] };
const retry = {
  status: 'pending',
  reason: 'too long',
  attempt: { outcome: 'rejected', verdict: NO },
} as const;
const done = { status: 'completed', result: 'x', verified: true, attempt: { outcome: 'passed' } } as const;
const failed = {
  status: 'failed',
  error: { kind: 'failed', message: 'exit 3' },
  attempt: { outcome: 'failed', error: 'exit 3' },
} as const;

describe('what happened between two looks', () => {
  test('at the first: what runs, and nothing that was before', async () => {
    const { store, look, claim } = await watched('one', 'two');
    await store.settle((await claim()).lease, done);
    await claim();
    expect(await look()).toEqual(['task-002 task:start']);
    expect(await look()).toEqual([]);
  });

  const STEPS = ['start', 'retry', 'start', 'complete'].map((event) => `task-001 task:${event}`);

  test.each([1, 2, 3, 4, 5])(
    'an attempt that was rejected, and the one that passed, seen after every %i steps',
    async (every) => {
      const { store, look, claim } = await watched('one');
      const seen = await look();
      let step = 0;
      const happened = async () => {
        step += 1;
        if (step % every === 0) seen.push(...(await look()));
      };
      let { lease } = await claim();
      await happened();
      await store.checkpoint(lease, { output: 'x' });
      await happened();
      await store.settle(lease, retry);
      await happened();
      ({ lease } = await claim());
      await happened();
      await store.settle(lease, done);
      seen.push(...(await look()));
      expect(seen).toEqual(STEPS);
    },
  );

  test('is told as the run told it', async () => {
    const { store, look, claim, events } = await watched('one', 'two');
    await look();
    const { lease } = await claim();
    await store.settle(lease, retry);
    await store.settle((await claim()).lease, failed);
    await look();
    expect(events()).toMatchObject([
      { event: 'task:start', at: lease.since, run: 'run-a', attempt: 1, resumed: false },
      { event: 'task:retry', run: 'run-a', attempt: 1, cause: 'rejected', reason: 'too long', verdict: NO },
      { event: 'task:start', run: 'run-a', attempt: 2 },
      { event: 'task:fail', run: 'run-a', attempt: 2, error: { kind: 'failed', message: 'exit 3' } },
    ]);
  });

  test('an output that waits for its verdict is taken up again by another run', async () => {
    const { store, look, claim, events, info } = await watched('one');
    const { lease } = await claim();
    await store.checkpoint(lease, { output: 'x' });
    await look();
    await store.settle(lease, { status: 'pending', reason: 'stopped', attempt: {} });
    expect(await look()).toEqual(['task-001 task:release']);
    await store.join({ ...info, id: 'run-b' });
    await claim('run-b');
    await look();
    expect(events()).toMatchObject([{ event: 'task:start', run: 'run-b', attempt: 1, resumed: true }]);
  });

  test('one that was released without a trace, cancelled, reset or removed', async () => {
    const { store, look, claim } = await watched('one', 'two', 'three', 'four');
    const first = await claim();
    await claim();
    await look();
    await store.settle(first.lease, { status: 'pending', reason: 'stopped' });
    await store.cancel(['task-002', 'task-003']);
    await store.remove(['task-004']);
    expect(await look()).toEqual(['task-001 task:release', 'task-002 task:fail', 'task-003 task:fail']);
    await store.reset('all');
    expect(await look()).toEqual([]);
  });

  test('a result that no longer holds', async () => {
    const { store, look, claim, events } = await watched('one');
    await store.settle((await claim()).lease, done);
    await look();
    const finding = { verdict: NO, evidence: [] };
    await store.reopen('task-001', 'x', finding as never);
    await look();
    expect(events()).toMatchObject([{ event: 'task:retry', run: 'audit', cause: 'rejected' }]);
  });

  test('a task that was added and done since; not what came in with its past', async () => {
    const { store, time, look, claim } = await watched();
    await look();
    time.advance(1000);
    await store.add([{ description: 'new' }]);
    await store.settle((await claim()).lease, done);
    expect(await look()).toEqual(['task-001 task:start', 'task-001 task:complete']);
    const other = await watched('old');
    await other.store.settle((await other.claim()).lease, done);
    const old = (await other.store.get('task-001')) as Task;
    time.advance(60_000);
    await look();
    await store.import([{ ...old, id: 'old' }]);
    expect(await look()).toEqual([]);
  });

  test('what runs were told', async () => {
    const { store, look } = await watched();
    await look();
    await store.control('pause');
    expect(await look()).toEqual([' run:pause']);
    await store.control('resume');
    expect(await look()).toEqual([' run:resume']);
    expect(await look()).toEqual([]);
  });
});

describe('the board of a store', () => {
  test('counts from the start of the first run that lives, and shows what it holds', async () => {
    const { store, look, claim, board, time } = await watched('one', 'two', 'three', 'four');
    const { lease } = await claim();
    await store.settle(lease, retry);
    await store.settle((await claim()).lease, done);
    await store.settle((await claim()).lease, failed);
    const { lease: held } = await claim();
    await store.checkpoint(held, { output: 'x' });
    await look();
    expect(board()).toMatchObject({
      running: [{ id: 'task-003', description: 'three', attempt: 1, phase: 'verifying' }],
      total: 4,
      completed: 1,
      failed: 1,
      retried: 1,
      startedAt: Date.parse('2026-01-01T00:00:00Z'),
      notes: [],
    });
    expect(board().running[0]?.since).toBe(time.now());
    expect(board().running[0]).not.toHaveProperty('run');
  });

  test('promises no time for what is blocked for good or due later, and says how many those are', async () => {
    const { store, time, look, claim, board } = await watched('one', 'two', 'three');
    await store.add([
      { description: 'x', after: ['task-002'] },
      { description: 'x', notBefore: '2030-01-01T00:00:00.000Z' },
    ]);
    await store.settle((await claim()).lease, done);
    await store.settle((await claim()).lease, failed);
    await claim();
    time.advance(17_000);
    await look();
    expect(board()).toMatchObject({
      total: 3,
      notes: ['not counted: 1 task blocked for good, 1 task due later'],
    });
    const lines = boardLines(board(), { columns: 80, rows: 24, paint: await paint(false), now: time.now() });
    expect(lines.join('\n')).toContain('1 of 3 done, 1 failed');
    expect(lines.join('\n')).toContain('about 10s left');
  });

  test('counts all that runs, and all that a dead run left, however many', async () => {
    const MANY = 1_200;
    const { store, look, board } = await watched(...Array.from({ length: MANY }, () => 'x'));
    for (let i = 0; i < MANY; i++) await store.claim({ run: 'run-a', leaseMs: 60_000 });
    await look();
    expect(board().running).toHaveLength(MANY);
    await store.leave('run-a');
    await look();
    expect(board().notes).toContain('1,200 tasks left by a run that is gone; the next run takes over');
  });

  test('of several runs says which holds what', async () => {
    const { store, look, claim, board, info } = await watched('one', 'two');
    await store.join({
      ...info,
      id: 'run-b',
      host: 'far',
      version: '1.2',
      startedAt: '2026-01-01T00:00:09.000Z',
    });
    await claim();
    await claim('run-b');
    await look();
    expect(board().startsNothing).toBe(false);
    await store.control('pause');
    await look();
    expect(board().startsNothing).toBe(true);
    expect(board().running).toMatchObject([{ run: 'run-a' }, { run: 'run-b' }]);
    expect(board().notes).toEqual([
      '2 runs on 2 machines, 0 a minute',
      'run-a, told to pause, holds 1, pid 1 on h',
      'run-b, told to pause, holds 1, pid 1 on far, orch 1.2',
    ]);
  });

  test('without a run says so, and that what a dead one held is left', async () => {
    const { store, look, claim, board } = await watched('one', 'two');
    await store.settle((await claim()).lease, done);
    await claim();
    await store.leave('run-a');
    await look();
    expect(board()).toMatchObject({
      running: [],
      total: 2,
      completed: 1,
      startedAt: undefined,
      notes: ['no run works on tasks.json', '1 task left by a run that is gone; the next run takes over'],
    });
  });
});
