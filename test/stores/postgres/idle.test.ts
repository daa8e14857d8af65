import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LiveRuns } from '../../../src/cli/run/live-runs.ts';
import type { ExecutionResult } from '../../../src/model/result.ts';
import type { NewTask } from '../../../src/model/task.ts';
import type { ClaimAnswer } from '../../../src/ports/task-store.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { turns } from '../../support/manual-runtime.ts';
import { type Orchestra, orchestra } from '../../support/orchestra.ts';
import { OwnPostgresServer } from '../../support/postgres-server.ts';

let server: OwnPostgresServer;
/** For the role whose statements are counted. */
let url: string;

beforeAll(async () => {
  server = await OwnPostgresServer.startOwn({ settings: ['shared_preload_libraries=pg_stat_statements'] });
  await server.sql('CREATE EXTENSION pg_stat_statements');
  for (const role of ['runner', 'busy'])
    await server.sql(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${role}'`);
});

afterAll(() => server?.stop());

beforeEach(async () => {
  url = as('runner', await server.newDatabase());
  onTestFinished(() => void vi.useRealTimers());
  // From here on nothing comes of time that the test does not let pass.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});

function as(role: 'runner' | 'busy', database: string): string {
  const { href } = Object.assign(new URL(database), { username: role, password: role });
  return href;
}

let waiting = 0;

/** A run that waits for more, for Claude tasks: it looks who shares the limits. @param only it waits for these tasks alone */
async function waitingRun(only?: ReadonlySet<string>): Promise<Orchestra> {
  const store = await PostgresTaskStore.connect(url);
  const runs = new LiveRuns({ store, service: 's', onSeen: () => {} });
  const run = await orchestra({ store, config: { stay: true, service: 's', ...(only && { only }) } });
  const over = run.orchestrator.run();
  const { others } = await run.event('run:start');
  runs.begin('another word for it', others);
  onTestFinished(async () => {
    runs.close();
    run.orchestrator.stop('abort');
    for (const call of run.executor.calls) call.succeed();
    await over;
    await store.close();
  });
  waiting++;
  onTestFinished(() => void waiting--);
  while ((await listening()) < waiting) await turns();
  await quiet();
  // It has just looked.
  await pass([run], 250);
  return run;
}

/** How many listen. */
async function listening(): Promise<number> {
  const rows = await server.sql(
    "SELECT FROM pg_stat_activity WHERE usename = 'runner' AND query LIKE 'LISTEN%'",
  );
  return rows.length;
}

/** Statements of these roles so far. */
async function statements(...roles: string[]): Promise<number> {
  const [row] = await server.sql<{ calls: number }>(
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
     WHERE userid::regrole::text = ANY($1)`,
    [roles],
  );
  return row?.calls ?? 0;
}

/** Resolves when nothing more comes without time. @returns how many statements there were of runs that wait. */
async function quiet(): Promise<number> {
  for (let before = -1; ; ) {
    await turns();
    const now = await statements('runner', 'busy');
    if (now === before) return statements('runner');
    before = now;
  }
}

/** A run that does tasks, each in a second. */
async function busyRun(concurrency: number, tasks: NewTask[]): Promise<Orchestra> {
  const store = await PostgresTaskStore.connect(as('busy', url));
  const execute = () =>
    new Promise<ExecutionResult>((resolve) =>
      setTimeout(() => resolve({ success: true, output: 'x' }), 1000),
    );
  const run = await orchestra({ store, tasks, executor: { execute }, config: { concurrency } });
  const over = run.orchestrator.run();
  await run.event('run:start');
  onTestFinished(async () => {
    run.orchestrator.stop('abort');
    vi.advanceTimersByTime(1000);
    await over;
    await store.close();
  });
  return run;
}

/** Lets tasks be done for a minute, and then the rest of them, with which the busy run ends. @returns what the waiting run asked in that minute. */
async function askedInAMinute(waiting: Orchestra, busy: Orchestra, count: number): Promise<number> {
  const done = () => busy.events.filter(({ event }) => event === 'task:complete').length;
  await pass([busy, waiting], 5000);
  const before = await quiet();
  await pass([busy, waiting], 60_000);
  const asked = (await quiet()) - before;
  expect(done()).toBeGreaterThan(0.8 * count);
  expect(done()).toBeLessThan(count);
  while (!busy.names().includes('run:end')) await pass([busy, waiting], 1000);
  await pass([waiting], 250);
  return asked;
}

async function pass(runs: readonly Orchestra[], ms: number): Promise<void> {
  const STEP_MS = Math.min(ms, 1000);
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    vi.advanceTimersByTime(STEP_MS);
    for (const { runtime } of runs) runtime.advance(STEP_MS);
    await quiet();
  }
}

describe('a run that waits for work', () => {
  test('asks at most one thing in 5 s, alone or with others', async () => {
    const runs = [await waitingRun(), await waitingRun(), await waitingRun()];
    await pass(runs, 5000);
    const before = await quiet();
    await pass(runs, 60_000);
    const asked = (await quiet()) - before;
    expect(asked / runs.length).toBeLessThanOrEqual(60_000 / 5000);
    // They say that they live.
    expect(asked / runs.length).toBeGreaterThanOrEqual(6);
  }, 60_000);

  test('has two connections, as one that works does', async () => {
    const run = await waitingRun();
    const connections = () =>
      server.sql("SELECT application_name FROM pg_stat_activity WHERE usename = 'runner' ORDER BY 1");
    const two = [{ application_name: 'orch' }, { application_name: 'orch-listen' }];
    expect(await connections()).toEqual(two);
    await run.store.add([{ description: 'x' }]);
    const call = await run.executor.nextCall();
    expect(await connections()).toEqual(two);
    call.succeed();
    await run.event('task:complete');
    expect(await connections()).toEqual(two);
  });

  test('hears of a task that somebody adds, and no time passes', async () => {
    const run = await waitingRun();
    const another = await PostgresTaskStore.connect(url);
    onTestFinished(() => another.close());
    await another.add([{ id: 'new', description: 'x' }]);
    const call = await run.executor.nextCall();
    expect(call.task.id).toBe('new');
    // The next one, as soon.
    await another.add([{ id: 'newer', description: 'x' }]);
    call.succeed();
    expect((await run.executor.nextCall()).task.id).toBe('newer');
  });

  test('hears of a task that is no longer blocked', async () => {
    const run = await waitingRun();
    const another = await PostgresTaskStore.connect(url);
    onTestFinished(() => another.close());
    const info = { id: 'other', pid: 1, host: 'there', startedAt: new Date().toISOString() };
    await another.join(info);
    await run.store.add([{ id: 'first', description: 'x', notBefore: '2100-01-01T00:00:00.000Z' }]);
    await run.store.add([{ id: 'second', description: 'x', after: ['first'] }]);
    await server.sql("UPDATE orch_queue.job SET start_after = '-infinity'", [], url);
    const { lease } = (await another.claim({ run: 'other', leaseMs: 30_000 })) as ClaimAnswer & {
      lease: never;
    };
    await quiet();
    await pass([run], 250);
    await another.settle(lease, {
      status: 'completed',
      result: 'x',
      verified: false,
      attempt: { outcome: 'passed' },
    });
    expect((await run.executor.nextCall()).task.id).toBe('second');
  });

  test('for tasks of its own, beside one that does 700 others, asks at most one thing in 5 s', async () => {
    const run = await waitingRun(new Set(['own']));
    const tasks = Array.from({ length: 700 }, (_, i) => ({ id: `t${i}`, description: 'x' }));
    const busy = await busyRun(10, tasks);
    expect(await askedInAMinute(run, busy, tasks.length)).toBeLessThanOrEqual(60 / 5);
    await busy.store.add([{ id: 'own', description: 'x' }]);
    expect((await run.executor.nextCall()).task.id).toBe('own');
  }, 60_000);

  test('beside one that does task after task, asks at most one thing in 5 s', async () => {
    const chain = Array.from({ length: 70 }, (_, i) => ({
      id: `t${i}`,
      description: 'x',
      ...(i > 0 && { after: [`t${i - 1}`] }),
    }));
    const busy = await busyRun(4, chain);
    await busy.event('task:start');
    const run = await waitingRun();
    expect(await askedInAMinute(run, busy, chain.length)).toBeLessThanOrEqual(60 / 5);
    await busy.store.add([{ id: 'more', description: 'x' }]);
    expect((await run.executor.nextCall()).task.id).toBe('more');
  }, 60_000);

  test('is not woken by each end of what others do, but soon by one after which nothing is begun', async () => {
    const run = await waitingRun();
    const told = vi.spyOn(run.store, 'claim');
    const tell = async (word: string, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await server.sql("SELECT pg_notify('orch_orch', $1)", [word], url);
      await quiet();
    };
    await tell('settled', 20);
    await pass([run], 10_000);
    expect(told).toHaveBeenCalledTimes(0);
    await tell('ended', 20);
    expect(told).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1250);
    await quiet();
    expect(told).toHaveBeenCalledTimes(1);
  });
});
