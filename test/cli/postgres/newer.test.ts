import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { SCHEMA_VERSION } from '../../../src/stores/postgres/tables/schema.ts';
import { Cli, jsonLines, resultOf, says } from '../../support/cli.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

const SENTENCE = `The store in schema orch has version ${SCHEMA_VERSION + 1}, which a newer orch wrote; this one knows versions up to ${SCHEMA_VERSION}: install the newer orch`;

/** As a newer orch does it. Resolves when the run has said again that it lives, and so has seen it. */
async function migrate(url: string): Promise<void> {
  const before = await aliveUntil(url);
  await server.sql('UPDATE orch.version SET version = version + 1', [], url);
  await server.sql("SELECT pg_notify('orch_orch', 'schema')", [], url);
  await vi.waitUntil(async () => (await aliveUntil(url)) !== before, { timeout: 20_000 });
}

/** Empty: it has left. */
async function aliveUntil(url: string): Promise<string> {
  const [row] = await server.sql<{ at: string }>('SELECT alive_until::text AS at FROM orch.run', [], url);
  return row?.at ?? '';
}

test('a run under which a newer orch updates the store brings home what it has in hand, begins nothing, and ends with 4', async () => {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  await cli.run(['add', '-'], { input: 'a\nb\n', env });
  execFileSync('mkfifo', [cli.path('go')]);
  const run = cli.start(['run', '-j', '1', '--exec', ': >started; cat go; echo paid for'], { env });
  const result = resultOf(run);
  await cli.appears('started');
  await migrate(env.ORCH_STORE);
  cli.write('go', '');
  const { code, stdout, stderr } = await result;
  expect({ code, stderr }).toEqual({ code: 4, stderr: `${SENTENCE}\n` });
  expect(stdout).toContain('✓ task-001  completed');
  await server.sql('UPDATE orch.version SET version = version - 1', [], env.ORCH_STORE);
  const tasks = jsonLines((await cli.run(['list', '--json'], { env })).stdout);
  expect(tasks.map(({ status, result }) => [status, result])).toEqual([
    ['completed', 'paid for\n'],
    ['pending', undefined],
  ]);
});

test('a run that waits for work ends at once, with the same', async () => {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  await cli.run(['add', 'a'], { env });
  const run = cli.start(['run', '--stay', '--exec', 'true'], { env });
  const result = resultOf(run);
  await says(run, 'completed', 'stdout');
  await vi.waitUntil(() => server.isListenedTo(env.ORCH_STORE, 1));
  await migrate(env.ORCH_STORE);
  expect(await result).toMatchObject({ code: 4, stderr: `${SENTENCE}\n` });
});

test('a store that is open takes nothing new any more, 10 s later at the latest; what is held can be kept', async () => {
  const url = await server.newDatabase();
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const [adding, working] = [await PostgresTaskStore.connect(url), await PostgresTaskStore.connect(url)];
  onTestFinished(async () => {
    await adding.close();
    await working.close();
  });
  await adding.add([
    { id: 'a', description: 'a' },
    { id: 'b', description: 'b' },
  ]);
  await working.join(runInfo('r'));
  const { lease } = await claimOne(working, 'r');
  await server.sql('UPDATE orch.version SET version = version + 1', [], url);
  vi.advanceTimersByTime(10_001);
  const refused = { code: 'store-unusable', message: SENTENCE };
  for (const store of [adding, working]) {
    await store.counts();
    await expect(store.add([{ description: 'c' }])).rejects.toMatchObject(refused);
    await expect(store.join(runInfo('s'))).rejects.toMatchObject(refused);
  }
  expect(await working.claim({ run: 'r', leaseMs: LEASE_MS })).toMatchObject({ closed: refused });
  expect(await working.renew([lease], LEASE_MS)).toEqual([]);
  const [kept] = await Promise.allSettled([working.settle(lease, done('x')), working.reset('all')]);
  expect(kept).toMatchObject({ status: 'fulfilled', value: { status: 'completed' } });
  expect(await idsOf(adding)).toEqual(['a', 'b']);
});
