import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Link } from '../../../src/stores/postgres/connection/link.ts';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { claimOne, done, runInfo } from '../../support/store-parts.ts';

/** What an administrator may have set for a role or a database. */
const SETTINGS = {
  timezone: 'Asia/Kathmandu',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  search_path: '',
  default_transaction_isolation: 'serializable',
  client_encoding: 'LATIN1',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  statement_timeout: '1h',
  lock_timeout: '1h',
  // Not yet a setting of PostgreSQL 13.
  idle_session_timeout: '1h',
};

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

test('a store does not mind what is set for its database', async () => {
  const url = await server.newDatabase();
  const name = new URL(url).pathname.slice(1);
  const known = await server.sql<{ name: string }>('SELECT lower(name) AS name FROM pg_settings');
  for (const [setting, value] of Object.entries(SETTINGS))
    if (known.some(({ name: each }) => each === setting))
      await server.sql(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);

  const store = await PostgresTaskStore.connect(url);
  onTestFinished(() => store.close());
  await store.join(runInfo('r'));
  const first = { id: 'null', description: 'ü 🌍 \u0000 \ud800 \\ \' " $1', metadata: { n: 1e300 } };
  const notBefore = '2031-02-01T05:00:00.000Z';
  await store.add([first, { description: 'after it', after: ['null'] }, { description: 'due', notBefore }]);
  const { task, lease } = await claimOne(store, 'r');
  expect(task).toMatchObject(first);
  expect(await store.get('null')).toEqual(task);
  expect(Date.parse(lease.expiresAt) - Date.parse(lease.since)).toBe(30_000);
  await store.settle(lease, done('x'));
  expect((await claimOne(store, 'r')).task.id).toBe('task-001');
  expect(await store.claim({ run: 'r', leaseMs: 30_000 })).toEqual({ heldByOthers: 0, dueAt: notBefore });

  const link = await Link.open(postgresLocation(url), 'orch', () => {});
  onTestFinished(() => link.close());
  const set = await link.query<{ setting: string }>(
    "SELECT setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_session_timeout')",
  );
  expect(set.length).toBeGreaterThan(1);
  for (const { setting } of set) expect(setting).toBe('0');
});

test('who only looks needs no right to change anything, and waits for nobody', async () => {
  const url = await server.newDatabase();
  const store = await PostgresTaskStore.connect(url);
  onTestFinished(() => store.close());
  await store.join(runInfo('r'));
  await store.add([{ id: 'one', description: 'x' }]);
  await store.reserve({ run: 'r', call: '1', usd: 1 });
  await server.sql(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`);
  const release = await server.hold(
    'SET TRANSACTION READ WRITE; SELECT FROM orch.fact, orch.run FOR UPDATE',
    url,
  );
  onTestFinished(release);
  const looker = await PostgresTaskStore.connect(url);
  onTestFinished(() => looker.close());
  expect(await looker.pool()).toEqual({ spentUsd: 0, reservedUsd: 1 });
  expect(await looker.runs()).toHaveLength(1);
  expect((await looker.survey({ most: 1 })).counts.pending).toBe(1);
  expect(await looker.get('one')).toBeDefined();
});

test('a store is not made in a database whose encoding lacks characters', async () => {
  const url = await server.newDatabase("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
  await expect(PostgresTaskStore.connect(url)).rejects.toThrow(
    /^The database has the encoding LATIN1, which lacks /,
  );
});
