import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { LiveRuns } from '../../../src/cli/run/live-runs.ts';
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
  await server.sql("CREATE ROLE runner SUPERUSER LOGIN PASSWORD 'runner'");
});

afterAll(() => server?.stop());

beforeEach(async () => {
  const database = new URL(await server.newDatabase());
  database.username = 'runner';
  database.password = 'runner';
  url = database.href;
  // From here on nothing comes of time that the test does not let pass.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => void vi.useRealTimers());

let waiting = 0;

/** A run that waits for more, for Claude tasks: it looks who shares the limits. */
async function waitingRun(): Promise<Orchestra> {
  const store = await PostgresTaskStore.connect(url);
  const runs = new LiveRuns({ store, service: 's', onSeen: () => {} });
  const run = await orchestra({ store, config: { stay: true, service: 's' } });
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

/** Statements of the role so far. */
async function statements(): Promise<number> {
  const [row] = await server.sql<{ calls: number }>(
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
     WHERE userid = 'runner'::regrole`,
  );
  return row?.calls ?? 0;
}

/** Resolves when nothing more comes without time. */
async function quiet(): Promise<number> {
  for (let before = -1; ; ) {
    await turns();
    const now = await statements();
    if (now === before) return now;
    before = now;
  }
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

  test('is not woken by each end of what others do', async () => {
    const run = await waitingRun();
    const another = await PostgresTaskStore.connect(url);
    onTestFinished(() => another.close());
    await quiet();
    const told = vi.spyOn(run.store, 'claim');
    for (let i = 0; i < 20; i++) await server.sql("SELECT pg_notify('orch_orch', 'settled')", [], url);
    await quiet();
    expect(told).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1250);
    await quiet();
    expect(told).toHaveBeenCalledTimes(1);
  });
});
