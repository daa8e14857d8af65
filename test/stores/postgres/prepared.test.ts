import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Link } from '../../../src/stores/postgres/connection/link.ts';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { Prepared } from '../../../src/stores/postgres/connection/prepared.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { claimOne, done, runInfo } from '../../support/store-parts.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

async function connected(): Promise<Link> {
  const link = await Link.open(postgresLocation(await server.newDatabase()), 'test', () => {});
  onTestFinished(() => link.close());
  return link;
}

/** The statements with parameters that the server keeps of this connection. */
async function kept(link: Link): Promise<string[]> {
  const rows = await link.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements');
  return rows.map(({ statement }) => statement);
}

test('a statement that is said again and again is kept by the server, and no other', async () => {
  const link = await connected();
  for (const said of [1, 2])
    expect(await link.repeating.query('SELECT $1::int AS said', [said])).toEqual([{ said }]);
  expect(await kept(link)).toEqual([]);
  for (const said of [3, 4])
    expect(await link.repeating.query('SELECT $1::int AS said', [said])).toEqual([{ said }]);
  expect(await kept(link)).toEqual(['SELECT $1::int AS said']);
});

test('of statements with many texts some are kept, and all answer', async () => {
  const link = await connected();
  for (let i = 0; i < 100; i++) {
    for (let again = 0; again < 3; again++)
      expect(await link.repeating.query(`SELECT $1::int + ${i} AS sum`, [1])).toEqual([{ sum: 1 + i }]);
  }
  expect(await kept(link)).toHaveLength(50);
});

test('what is said seldom is not remembered for ever', () => {
  const prepared = new Prepared();
  for (let i = 0; i < 10_000; i++) expect(prepared.nameOf(`SELECT ${i}`)).toBeUndefined();
  const often = Array.from({ length: 3 }, () => prepared.nameOf('SELECT'));
  expect(often.filter((name) => name !== undefined)).toHaveLength(1);
});

test('plans are made anew every ten seconds, where there are any', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const link = await connected();
  vi.advanceTimersByTime(60_000);
  expect(link.renewal()).toBe('');
  for (const said of [1, 2, 3]) await link.repeating.query('SELECT $1::int AS said', [said]);
  expect(link.renewal()).toBe('; DISCARD PLANS');
  expect(link.renewal()).toBe('');
  vi.advanceTimersByTime(9_999);
  expect(link.renewal()).toBe('');
  vi.advanceTimersByTime(1);
  await link.query(`BEGIN${link.renewal()}`);
  expect(await link.repeating.query('SELECT $1::int AS said', [4])).toEqual([{ said: 4 }]);
  await link.query('COMMIT');
});

/** A store that has done each of its statements often, with a task in hand and another one that waits. */
async function busyStore(url: string): Promise<PostgresTaskStore> {
  const store = await PostgresTaskStore.connect(url);
  onTestFinished(() => store.close());
  await store.join(runInfo('r'));
  await store.add(Array.from({ length: 10 }, (_, i) => ({ id: `t${i}`, description: 'x' })));
  for (let i = 0; i < 8; i++) await store.settle((await claimOne(store, 'r')).lease, done('x'));
  return store;
}

test.each([
  ['a table has another type', 'ALTER TABLE orch.task ALTER COLUMN id TYPE varchar'],
  ['a table has one more column', 'ALTER TABLE orch.claim ADD COLUMN more int'],
])('a store goes on where %s than its statements were made for', async (_, change) => {
  const url = await server.newDatabase();
  const store = await busyStore(url);
  const { lease } = await claimOne(store, 'r');
  await server.sql(change, [], url);
  await store.settle(lease, done('y'));
  expect((await store.get(lease.taskId))?.result).toBe('y');
  await store.settle((await claimOne(store, 'r')).lease, done('z'));
  expect((await store.counts()).completed).toBe(10);
});
