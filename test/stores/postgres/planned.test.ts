import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database, Row, Session } from '../../../src/stores/postgres/connection/database.ts';
import { partsIn } from '../../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { claimOne, done, runInfo } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

/** A store, and what the planner makes of each statement of a claim, its end and a list: the pages that it goes through. */
async function open() {
  const schema = postgres.newSchema();
  const database = await postgres.connect(schema);
  const seen = new Map<string, readonly unknown[] | undefined>();
  const noting = async <R extends object = Row>(
    session: Session,
    text: string,
    values?: readonly unknown[],
  ): Promise<R[]> => {
    if (/^\s*(SELECT|WITH|UPDATE|INSERT|DELETE)/.test(text)) seen.set(text, values);
    return session.query<R>(text, values);
  };
  const listening: Database = {
    ...database,
    query: (text, values) => noting(database, text, values),
    transaction: (work) =>
      database.transaction((session, now) => work({ query: (...of) => noting(session, ...of) }, now)),
  };
  const parts = await partsIn(listening, schema, { create: true, shown: 'here' });
  const store = new PostgresTaskStore(parts);
  const pagesRead = async () => {
    seen.clear();
    const { lease } = await claimOne(store, 'r');
    await store.settle(lease, done('x'));
    for await (const _ of store.list()) break;
    const pages: number[] = [];
    for (const [text, values] of [...seen]) {
      const [row] = await database.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        values,
      );
      const plan = row?.['QUERY PLAN'][0]?.Plan ?? {};
      pages.push((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0));
    }
    return { claim: Math.max(...pages.slice(0, -1)), list: pages.at(-1) };
  };
  await store.join(runInfo('r'));
  return { store, pagesRead };
}

/** Nobody else tells the planner here: there is no autovacuum. */
test('after many tasks came in each statement finds what it is about, and goes through no others', async () => {
  const tasks = Array.from({ length: 5000 }, (_, i) => ({ description: `one of many tasks ${i}` }));
  const { store, pagesRead } = await open();
  const intake = store.intake();
  for (const task of tasks) intake.take(task);
  await intake.add();
  intake.close();
  const { claim, list } = await pagesRead();
  expect(claim).toBeLessThan(50);
  // A thousand tasks, their jobs and the indexes of these. Nothing known of the tables, it is 20,000.
  expect(list).toBeLessThan(10_000);
  await store.close();
});
