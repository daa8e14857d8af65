import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../../../src/model/task.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { broken, claimAll, claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server.stop());

/** Two processes, as far as the database can tell. */
async function two(): Promise<{ url: string; one: PostgresTaskStore; other: PostgresTaskStore }> {
  const url = await server.newDatabase();
  const one = await PostgresTaskStore.connect(url);
  const other = await PostgresTaskStore.connect(url);
  onTestFinished(async () => {
    await one.close();
    await other.close();
  });
  return { url, one, other };
}

/** Somebody else who holds a task for a while. */
async function heldUp(url: string, id: string): Promise<() => Promise<void>> {
  const release = await server.hold(
    `SELECT FROM orch.task t JOIN orch_queue.job j ON j.id = t.job WHERE t.id = '${id}' FOR UPDATE`,
    url,
  );
  onTestFinished(release);
  return release;
}

/** Resolves when so many connections wait for a lock. */
async function waiting(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (;;) {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (rows[0]?.count === count) break;
  }
  await client.end();
}

test('what is removed while something is added after it stays', async () => {
  const { url, one, other } = await two();
  await one.add([{ description: 'a', id: 'a' }]);
  const release = await heldUp(url, 'a');
  const added = one.add([{ description: 'd', id: 'd', after: ['a'] }]);
  await waiting(url, 1);
  const removed = other.remove(['a']);
  removed.catch(() => {});
  await waiting(url, 2);
  await release();
  await added;
  await expect(removed).rejects.toThrow('d');
});

test('two edits make no circle together', async () => {
  const { url, one, other } = await two();
  await one.add([
    { description: 'x', id: 'x' },
    { description: 'z', id: 'z' },
    { description: 'y', id: 'y', after: ['z'] },
  ]);
  const release = await heldUp(url, 'x');
  const first = one.edit('x', { after: ['y'] });
  await waiting(url, 1);
  const second = other.edit('z', { after: ['x'] });
  second.catch(() => {});
  await waiting(url, 2);
  await release();
  await first;
  await expect(second).rejects.toThrow('circle');
});

test('a retry keeps what the task was told to come after in the meantime', async () => {
  const { url, one, other } = await two();
  await one.join(runInfo('r'));
  await one.add([
    { description: 'd', id: 'd' },
    { description: 'b', id: 'b', priority: -1 },
  ]);
  await one.settle((await claimOne(one, 'r')).lease, broken());
  const release = await heldUp(url, 'd');
  const first = one.edit('d', { after: ['b'] });
  await waiting(url, 1);
  const second = other.retry(['d']);
  await waiting(url, 2);
  await release();
  await first;
  expect((await second)[0]?.after).toEqual(['b']);
  expect(await claimAll(one, 'r')).toEqual(['b']);
});

test('what a slow run gives back of an edited task is the edited one', async () => {
  const { url, one, other } = await two();
  await one.join(runInfo('slow'));
  await one.add([{ description: 'a', id: 'a' }]);
  const { lease } = await claimOne(one, 'slow');
  await server.sql("UPDATE orch.run SET alive_until = now() - interval '1 s'", [], url);
  const release = await heldUp(url, 'a');
  const edited = other.edit('a', { description: 'b', priority: 3 });
  await waiting(url, 1);
  const settled = one.settle(lease, { status: 'pending', reason: 'stopped' });
  await waiting(url, 2);
  await release();
  await edited;
  await settled;
  expect(await one.get('a')).toMatchObject({ description: 'b', priority: 3, status: 'pending' });
});

test('who finds the only task in the hands of somebody else waits for it', async () => {
  const { url, one } = await two();
  await one.join(runInfo('r'));
  await one.add([{ description: 'a', id: 'a' }]);
  const release = await heldUp(url, 'a');
  expect(await one.claim({ run: 'r', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  await release();
  expect(await claimAll(one, 'r')).toEqual(['a']);
});

test('a dependent that fails while what it comes after is completed again can be tried again', async () => {
  const { url, one, other } = await two();
  await one.join(runInfo('r'));
  await other.join(runInfo('s'));
  await one.add([{ description: 'a', id: 'a' }]);
  await one.add([{ description: 'd', id: 'd', after: ['a'] }]);
  await one.settle((await claimOne(one, 'r')).lease, done('x'));
  const d = await claimOne(one, 'r');
  await other.reset({ ids: ['a'] });
  const a = await claimOne(other, 's');
  // The failing one has changed its task, and waits for its job.
  const release = await server.hold(
    "SELECT FROM orch_queue.job j JOIN orch.task t ON j.id = t.job WHERE t.id = 'd' FOR UPDATE OF j",
    url,
  );
  const failed = one.settle(d.lease, broken());
  await waiting(url, 1);
  const completed = other.settle(a.lease, done('y'));
  await waiting(url, 2);
  await release();
  await failed;
  await completed;
  await one.retry(['d']);
  expect(await claimAll(one, 'r')).toEqual(['d']);
});

test('a commit that collides with something is done again', async () => {
  const { url, one } = await two();
  // Sequences are not rolled back: it fails once.
  await server.sql(
    `CREATE SEQUENCE orch.failures;
     CREATE FUNCTION orch.fail() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF nextval('orch.failures') = 1 THEN RAISE EXCEPTION 'collided' USING ERRCODE = '40001'; END IF;
         RETURN NEW;
       END $$;
     CREATE TRIGGER fail BEFORE INSERT ON orch.mark FOR EACH ROW EXECUTE FUNCTION orch.fail()`,
    [],
    url,
  );
  await one.add([{ description: 'a' }]);
  expect(await one.counts()).toMatchObject({ total: 1 });
});

test('a commit that the server refuses leaves nothing behind for the next one', async () => {
  const { url, one } = await two();
  await server.sql('ALTER TABLE orch.mark RENAME TO gone', [], url);
  await expect(one.add([{ description: 'a' }])).rejects.toMatchObject({ code: 'store-unusable' });
  await server.sql('ALTER TABLE orch.gone RENAME TO mark', [], url);
  await one.add([{ description: 'b' }]);
  expect(await one.counts()).toMatchObject({ total: 1 });
});

test.each([
  ['longer than an index takes', () => randomBytes(20_000).toString('base64')],
  ['with a character that no text has', () => 'a\0b'],
])('what cannot be kept, a name %s, is refused alone', async (_, name) => {
  const { one } = await two();
  const [task] = await one.add([{ description: 'done', id: 'a' }]);
  const bad = { ...(task as Task), id: 'bad', status: 'completed' as const, after: [name()] };
  const [imported, added] = await Promise.allSettled([
    one.import([bad]),
    one.add([{ description: 'b', id: 'b' }]),
  ]);
  expect(imported).toMatchObject({
    reason: { code: 'usage', message: expect.stringMatching(/^The database cannot hold this: /) },
  });
  expect(added).toMatchObject({ status: 'fulfilled' });
  expect(await idsOf(one)).toEqual(['a', 'b']);
});
