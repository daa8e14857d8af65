import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/stores/postgres/connection/database.ts';
import { halves } from '../../../src/stores/postgres/doctor/halves.ts';
import { namesIn } from '../../../src/stores/postgres/tables/names.ts';
import { recount } from '../../../src/stores/postgres/tables/tally.ts';
import { glance } from '../../support/glance.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { again, broken, checkpoint, claimOne, done, runInfo } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

/** A store in which something has happened: done, failed, tried twice, blocked, waiting for its verdict. */
async function lived() {
  const schema = postgres.newSchema();
  const store = await postgres.open(schema);
  await store.join(runInfo('a'));
  await store.add(
    ['x', 'y', 'z', 'w', 'v\u0000\ud83d'].map((description, i) => ({ description, id: `t${i}` })),
  );
  await store.add([{ id: 'b', description: 'b', after: ['t1'] }]);
  const settle = async (id: string, ...settlements: Parameters<typeof store.settle>[1][]) => {
    for (const settlement of settlements)
      await store.settle((await claimOne(store, 'a', { only: new Set([id]) })).lease, settlement);
  };
  const usage = { inputTokens: 3, outputTokens: 4, cacheReadTokens: 5, costUsd: 0.25, possibleUsd: 1 };
  await settle('t0', again(), done('x'));
  await settle('t1', broken());
  await settle('t4', { ...done('a\u0000b\ud83d'), attempt: { outcome: 'passed', usage } } as never);
  const { lease } = await claimOne(store, 'a', { only: new Set(['t2']) });
  await store.checkpoint(lease, { ...checkpoint('half'), usage });
  const database = await postgres.connect(schema);
  const sql = (text: string) => database.query(text);
  const session: Session = { query: (text, values) => database.query(text, values) };
  return { store, sql, session, names: namesIn(schema), look: () => halves(session, schema), schema };
}

test('tasks and jobs of one moment belong together', async () => {
  const { look, store } = await lived();
  expect(await look()).toMatchObject({ ok: true, text: 'tasks and jobs belong together' });
  await store.close();
});

test('so they do beside a run that changes them all the time', async () => {
  const { store, look, session } = await lived();
  const query = session.query;
  session.query = async (text, values) => {
    const rows = await query(text, values);
    await store.add([{ description: 'one more' }]);
    return rows as never;
  };
  expect(await look()).toMatchObject({ ok: true, text: 'tasks and jobs belong together' });
  await store.close();
});

test('parts of two backups are told from each other, whichever is older', async () => {
  const { store, sql, names, look, schema } = await lived();
  const keep = `CREATE TABLE ${schema}.old_jobs AS TABLE ${names.job}; CREATE TABLE ${schema}.old_tasks AS TABLE ${names.task}`;
  const back = (table: string, old: string) =>
    `DELETE FROM ${table}; INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${schema}.${old}`;
  await sql(keep);
  await sql(`CREATE TABLE ${schema}.old_tally AS TABLE ${names.tally}`);
  await store.settle((await claimOne(store, 'a', { only: new Set(['t3']) })).lease, done('w'));
  await sql(back(names.job, 'old_jobs'));
  await sql(`DELETE FROM ${names.tally}; INSERT INTO ${names.tally} SELECT 0, 1, 1, 3, 1, 1`);
  expect(await look()).toMatchObject({
    ok: true,
    isNote: true,
    text: expect.stringMatching(
      /^the store counts 1 pending where there are 2, 3 completed where there are 2: .* restore both from one backup/,
    ),
  });
  await store.add([{ id: 'late', description: 'late' }]);
  await sql(back(names.job, 'old_jobs'));
  expect(await look()).toMatchObject({
    ok: false,
    text: expect.stringMatching(
      /are not of one moment \(1 task without a job\): restore both from one backup/,
    ),
  });
  await expect(postgres.open(schema)).rejects.toMatchObject({
    code: 'store-unusable',
    message: expect.stringMatching(/not of one moment \(the last task has no job\): restore both/),
  });
  await store.close();
  const other = await lived();
  await other.sql(`CREATE TABLE ${other.schema}.old_tasks AS TABLE ${other.names.task}`);
  await other.store.add([{ id: 'late', description: 'late' }]);
  await claimOne(other.store, 'a', { only: new Set(['late']) });
  await other.sql(
    `DELETE FROM ${other.names.claim} WHERE job = (SELECT job FROM ${other.names.task} WHERE id = 'late')`,
  );
  await other.sql(`DELETE FROM ${other.names.task} WHERE id = 'late'`);
  expect(await other.look()).toMatchObject({
    ok: false,
    text: expect.stringMatching(/\(1 job without a task, 1 job in progress that nobody claimed\)/),
  });
  await other.store.close();
});

test('counted anew it is as it was kept', async () => {
  const { store, sql, names, schema, look } = await lived();
  const glanceAt = async () => ({ ...(await glance(store, ['a'])), at: undefined });
  const before = await glanceAt();
  await sql(`UPDATE ${names.tally} SET pending = 77, cost_usd = 5, retried = 9`);
  expect(await look()).toMatchObject({ isNote: true, text: expect.stringContaining('--recount') });
  await sql(recount(schema));
  expect(await glanceAt()).toEqual(before);
  expect(await look()).toMatchObject({ ok: true, text: 'tasks and jobs belong together' });
  await store.close();
});

test('a store of version 2, which counted nothing, is counted when it is brought up to date; so is one whose queue is made again', async () => {
  const { store, sql, names, schema, look } = await lived();
  const before = { ...(await glance(store, [])), at: undefined };
  await store.close();
  await sql(`DROP TABLE ${names.work}, ${names.tally};
    DROP FUNCTION ${schema}.count_insert, ${schema}.count_update, ${schema}.count_delete CASCADE;
    DROP INDEX ${schema}_queue.orch_failed, ${schema}_queue.orch_blocked, ${schema}_queue.orch_later, ${schema}_queue.orch_ended;
    UPDATE ${schema}.version SET version = 2`);
  const again = await postgres.open(schema);
  expect({ ...(await glance(again, [])), at: undefined }).toEqual(before);
  await again.add([{ description: 'more' }]);
  expect(await look()).toMatchObject({ ok: true, text: 'tasks and jobs belong together' });
  await again.close();
  await sql(`DROP SCHEMA ${schema}_queue CASCADE; DELETE FROM ${names.claim}; DELETE FROM ${names.task}`);
  const anew = await postgres.open(schema);
  expect(await anew.counts()).toMatchObject({ total: 0 });
  await anew.add([{ description: 'new' }]);
  expect(await anew.counts()).toMatchObject({ pending: 1, total: 1 });
  await anew.close();
});
