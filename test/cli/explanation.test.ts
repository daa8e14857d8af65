import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/cli/explanation.ts';
import { explanationLines } from '../../src/cli/explanation-text.ts';
import { survey } from '../../src/cli/survey.ts';
import type { Task } from '../../src/model/task.ts';
import type { LiveRun, StoppedRun } from '../../src/ports/task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { runInfo } from '../support/store-parts.ts';
import { makeTask } from '../support/task.ts';

const NOW = Date.UTC(2030, 0, 1);
const LATER = '2031-01-01T00:00:00.000Z';
const clock = { now: () => NOW };
const WORKS: LiveRun[] = [runInfo('run-1')];

const task = (id: string, parts: Partial<Task> = {}): Task => makeTask({ id, status: 'pending', ...parts });

async function explained(tasks: Task[], runs = WORKS, lastStop?: StoppedRun) {
  const store = new MemoryTaskStore({ tasks, clock });
  const found = await survey(store, { most: Number.POSITIVE_INFINITY });
  const ahead = await store.ahead(tasks[0]!.id);
  const explanation = explain(tasks[0]!, { found, ahead, runs, lastStop });
  return {
    ...explanation,
    lines: explanationLines(explanation, { hint: (command) => `orch ${command}`, now: NOW }),
  };
}

const obstacles = async (...given: Parameters<typeof explained>) => (await explained(...given)).obstacles;

describe('why a task does not run', () => {
  test('is nothing where the next free slot takes it', async () => {
    const { obstacles, lines } = await explained([task('a'), task('younger'), task('low', { priority: -1 })]);
    expect(obstacles).toEqual([]);
    expect(lines).toEqual(['· a is pending: nothing stands before it, the next free slot takes it']);
  });

  test('is that it is completed, or failed and why', async () => {
    const endedAt = '2029-12-31T00:00:00.000Z';
    expect((await explained([task('a', { status: 'completed', endedAt })])).lines).toEqual([
      '✓ a is completed, since yesterday at 00:00 UTC',
    ]);
    const error = { kind: 'permanent', message: 'exited with 127' } as const;
    const failed = await explained([task('a', { status: 'failed', endedAt, error })]);
    expect(failed.obstacles).toEqual([{ reason: 'failed', since: endedAt, error }]);
    expect(failed.lines).toEqual([
      '✗ a is failed, since yesterday at 00:00 UTC: permanent: exited with 127',
      '  orch retry a gives it one more round',
    ]);
  });

  const held = (run: string) => {
    const [since, expiresAt] = ['2029-12-31T23:59:00.000Z', '2030-01-01T00:00:30.000Z'];
    return task('a', { status: 'in_progress', lease: { taskId: 'a', run, token: 't', since, expiresAt } });
  };

  test('is that a run holds it: which, since when, until when', async () => {
    const { obstacles, lines } = await explained([held('run-1')]);
    expect(obstacles).toMatchObject([{ reason: 'running', run: 'run-1' }]);
    expect(lines).toEqual([
      '▶ a is running: run-1 holds it since yesterday at 23:59 UTC, 30s more unless renewed',
    ]);
  });

  test('is that its run is gone, and no other there to take it over', async () => {
    const { obstacles, lines } = await explained([held('run-9')], []);
    expect(obstacles).toEqual([{ reason: 'left' }, { reason: 'no-run' }]);
    expect(lines).toEqual([
      '▶ a was left by a run that is gone; the next run takes it over',
      '  No run works on the store; orch run starts one',
    ]);
  });

  test('is the whole chain that it waits for, each task once, nearest first', async () => {
    const error = { kind: 'failed', message: 'exited with 3' } as const;
    const { obstacles, lines } = await explained([
      task('a', { after: ['b', 'c', 'done'] }),
      task('b', { after: ['d'] }),
      task('c', { after: ['d', 'gone'] }),
      task('d', { status: 'failed', error }),
      task('done', { status: 'completed' }),
      task('other', { priority: 9 }),
    ]);
    expect(obstacles).toEqual([
      {
        reason: 'blocked',
        forGood: true,
        chain: [
          { id: 'b', status: 'pending', waitsFor: ['d'] },
          { id: 'c', status: 'pending', waitsFor: ['d', 'gone'] },
          { id: 'd', status: 'failed', error },
          { id: 'gone' },
        ],
      },
    ]);
    expect(lines).toEqual([
      '· a is pending',
      '  It waits for others:',
      '    b is pending: waits for d',
      '    c is pending: waits for d, gone',
      '    d is failed: exited with 3',
      '    gone is gone',
      '  As things are it never starts; orch retry d gives what failed one more round',
    ]);
  });

  test('never ends by itself where one is gone, or many failed', async () => {
    expect((await explained([task('a', { after: ['b'] })])).lines.slice(1)).toEqual([
      '  It waits for others:',
      '    b is gone',
      '  As things are it never starts',
    ]);
    const failed = Array.from({ length: 11 }, (_, i) => task(`f${i}`, { status: 'failed' }));
    const { lines } = await explained([task('a', { after: failed.map(({ id }) => id) }), ...failed]);
    expect(lines.at(-1)).toBe(
      '  As things are it never starts; orch retry --status failed gives what failed one more round',
    );
  });

  test('is one that is later, or that runs, with what is known of it', async () => {
    const lease = { taskId: 'c', run: 'run-1', token: 't', since: LATER, expiresAt: LATER };
    const [blocked] = await obstacles([
      task('a', { after: ['b', 'c'] }),
      task('b', { notBefore: LATER }),
      task('c', { status: 'in_progress', lease }),
    ]);
    expect(blocked).toEqual({
      reason: 'blocked',
      forGood: false,
      chain: [
        { id: 'b', status: 'pending', notBefore: LATER },
        { id: 'c', status: 'in_progress', run: 'run-1' },
      ],
    });
  });

  test('is a circle', async () => {
    const [blocked] = await obstacles([task('a', { after: ['b'] }), task('b', { after: ['a'] })]);
    expect(blocked).toMatchObject({ reason: 'blocked', forGood: true, circle: ['a', 'b'] });
  });

  test('is a chain of any length', async () => {
    const tasks = Array.from({ length: 20_000 }, (_, i) => task(`t${i}`, { after: [`t${i + 1}`] }));
    const [blocked] = await obstacles([...tasks, task('t20000')]);
    expect(blocked).toMatchObject({ reason: 'blocked', forGood: false });
    expect(blocked?.reason === 'blocked' && blocked.chain).toHaveLength(20_000);
  });

  test('is that it is not due, beside all else', async () => {
    const { obstacles, lines } = await explained([task('a', { notBefore: LATER, after: ['b'] }), task('b')]);
    expect(obstacles.map(({ reason }) => reason)).toEqual(['blocked', 'not-due']);
    expect(lines).toContain('  It is not due before 1 January 2031 at 00:00 UTC');
    expect(await obstaclesOfDue()).toEqual([]);
  });

  const obstaclesOfDue = () => obstacles([task('a', { notBefore: '2029-01-01T00:00:00.000Z' })]);

  test('is how many come first: of higher priority, and older', async () => {
    const tasks = [
      task('old'),
      task('a'),
      task('young'),
      task('high', { priority: 2 }),
      task('higher', { priority: 3 }),
      task('low', { priority: -1 }),
      task('high-later', { priority: 9, notBefore: LATER }),
      task('high-blocked', { priority: 9, after: ['high'] }),
    ];
    const store = new MemoryTaskStore({ tasks, clock });
    const found = await survey(store);
    const ahead = await store.ahead('a');
    const explanation = explain(tasks[1]!, { found, ahead, runs: WORKS, lastStop: undefined });
    expect(explanation.obstacles).toEqual([{ reason: 'behind', higher: 2, older: 1 }]);
    expect(explanationLines(explanation, { hint: String, now: NOW })).toEqual([
      '· a is pending',
      '  2 tasks of higher priority and 1 older task of the same priority come first',
    ]);
  });

  test('is that no run works, and what stopped the last one', async () => {
    const lastStop = { run: 'run-0', at: LATER, kind: 'safety', message: 'ten failed' } as const;
    const { obstacles, lines } = await explained([task('a')], [], lastStop);
    expect(obstacles).toEqual([{ reason: 'no-run', lastStop }]);
    expect(lines).toEqual([
      '· a is pending',
      '  No run works on the store; orch run starts one',
      '  The last one ended early (safety): ten failed',
    ]);
  });

  test('is that all runs are paused or stopping', async () => {
    const runs = (...told: Partial<LiveRun>[]) => told.map((each, i) => ({ ...runInfo(`r${i}`), ...each }));
    const stopped = { told: 'stop' } as const;
    const tripped = { safety: { near: [], tripped: 'too many' } };
    const paused = { told: 'pause' } as const;
    expect(await obstacles([task('a')], runs(paused, stopped))).toEqual([{ reason: 'paused', runs: ['r0'] }]);
    expect(await obstacles([task('a')], runs(stopped, tripped))).toEqual([
      { reason: 'stopping', runs: ['r0', 'r1'] },
    ]);
    expect(await obstacles([task('a')], runs(paused, { told: 'resume' }))).toEqual([]);
    expect(await obstacles([task('a')], runs(paused, {}))).toEqual([]);
  });

  test('is perhaps that each run starts only some tasks', async () => {
    const runs = (...said: Partial<LiveRun>[]) => said.map((each, i) => ({ ...runInfo(`r${i}`), ...each }));
    const some = { selective: true };
    expect(await obstacles([task('a')], runs(some, { told: 'pause' }))).toEqual([
      { reason: 'selective', runs: ['r0'] },
    ]);
    expect(await obstacles([task('a')], runs(some, {}))).toEqual([]);
  });
});

/** Tasks in any state that may come after any others, circles and vanished ones included. */
const stores = fc
  .array(
    fc.record({
      status: fc.constantFrom(
        'pending' as const,
        'pending' as const,
        'completed' as const,
        'failed' as const,
      ),
      priority: fc.integer({ min: -1, max: 1 }),
      after: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
      notBefore: fc.constantFrom(undefined, '2029-01-01T00:00:00.000Z', LATER),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map(({ after, notBefore, ...rest }, i) =>
      task(`t${i}`, { ...rest, after: after.map((other) => `t${other}`), ...(notBefore && { notBefore }) }),
    ),
  );

test('exactly the task that a run would be given next has nothing before it', async () => {
  await fc.assert(
    fc.asyncProperty(stores, async (tasks) => {
      const store = new MemoryTaskStore({ tasks, clock });
      const found = await survey(store);
      const free: Task[] = [];
      for (const each of tasks) {
        const ahead = await store.ahead(each.id);
        const { obstacles } = explain(each, { found, ahead, runs: WORKS, lastStop: undefined });
        if (obstacles.length === 0) free.push(each);
      }
      await store.join(runInfo('run-1'));
      const claim = await store.claim({ run: 'run-1', leaseMs: 1000 });
      expect(free.map(({ id }) => id)).toEqual(claim.task ? [claim.task.id] : []);
    }),
  );
});
