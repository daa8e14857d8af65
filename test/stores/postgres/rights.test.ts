import { afterAll, beforeAll, expect, test } from 'vitest';
import { withDatabase } from '../../../src/stores/postgres/connection/connect.ts';
import { missingRights } from '../../../src/stores/postgres/doctor/rights.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { documentedGrants } from '../../support/documented-grants.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { again, broken, checkpoint, claimOne, done, listed, runInfo } from '../../support/store-parts.ts';
import { makeTask } from '../../support/task.ts';

const ROLE = 'orch_rights';

let server: PostgresServer;
let owner: string;
let runner: string;

beforeAll(async () => {
  server = await PostgresServer.start();
  owner = await server.newDatabase();
  const url = new URL(owner);
  url.username = ROLE;
  url.password = 'x';
  runner = url.href;
  await sql(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'x'`);
  await (await PostgresTaskStore.connect(owner)).close();
  await sql(documentedGrants(ROLE));
});

afterAll(async () => {
  await sql(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`);
  await server.stop();
});

function sql<R extends object>(text: string): Promise<R[]> {
  return server.sql<R>(text, [], owner);
}

let turns = 0;

/** All that a store can be asked for, by the role that runs tasks. @returns what it is refused */
async function refusal(): Promise<string | undefined> {
  const turn = ++turns;
  const run = `run-${turn}`;
  const id = (name: string) => `${name}-${turn}`;
  try {
    const store = await PostgresTaskStore.connect(runner);
    try {
      await store.join({ ...runInfo(run), maxCostUsd: 5 });
      await store.add([
        { description: 'x', id: id('a') },
        { description: 'x', id: id('b'), after: [id('a')] },
        { description: 'automatic' },
      ]);
      const mine = new Set([id('a'), id('b')]);
      const a = await claimOne(store, run, { only: mine });
      await store.renew([a.lease], 30_000);
      await store.checkpoint(a.lease, checkpoint('x'));
      await store.reserve({ run, call: '1', task: id('a'), usd: 1 });
      await store.spend({ run, call: '1', task: id('a'), usd: 1 });
      await store.settle(a.lease, done('x'));
      const b = await claimOne(store, run, { only: mine });
      await store.settle(b.lease, again());
      await store.settle((await claimOne(store, run, { only: mine })).lease, broken());
      await store.retry([id('b')], 'better');
      await store.edit(id('b'), { priority: 3 });
      await store.cancel([id('b')]);
      await store.reset({ ids: [id('a'), id('b')] });
      await store.import([makeTask({ id: id('c'), status: 'pending' })]);
      await store.note(run, {});
      await store.control('pause');
      await store.told(run);
      await store.runs();
      await store.counts();
      await store.pool();
      await store.leave(run, { kind: 'failed', message: 'x' });
      await store.lastStop();
      const all = await listed(store);
      await store.remove(all.map((task) => task.id));
    } finally {
      await store.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** Every single right that the role has on something in the two schemas. */
function rights(): Promise<{ name: string; grant: string; revoke: string }[]> {
  return sql(
    `SELECT name, 'GRANT ' || name || ' TO ${ROLE}' AS grant, 'REVOKE ' || name || ' FROM ${ROLE}' AS revoke FROM (
       SELECT 'USAGE ON SCHEMA ' || nspname FROM pg_namespace
       WHERE nspname IN ('orch', 'orch_queue') AND has_schema_privilege('${ROLE}', oid, 'USAGE')
       UNION ALL
       SELECT p.name || ' ON ' || n.nspname || '.' || c.relname
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (name)
       WHERE n.nspname IN ('orch', 'orch_queue') AND c.relkind IN ('r', 'p', 'v', 'm')
         AND has_table_privilege('${ROLE}', c.oid, p.name)
     ) AS all_rights (name) ORDER BY name`,
  );
}

async function missing(): Promise<string[]> {
  return withDatabase(runner, async (database) => (await missingRights(database, 'orch')).missing);
}

test('the documented rights are enough, each of them is needed, and without it a sentence points to who names it', async () => {
  expect(await refusal()).toBeUndefined();
  expect(await missing()).toEqual([]);
  const all = await rights();
  expect(all.map(({ name }) => name)).toContain('UPDATE ON orch.fact');
  for (const { name, grant, revoke } of all) {
    await sql(revoke);
    expect.soft({ name, refused: await refusal(), missing: await missing() }).toEqual({
      name,
      refused: expect.stringMatching(
        /permission denied for .*; `orch doctor` says which rights orch_rights lacks$/,
      ),
      missing: [name.replace(' ON SCHEMA ', ' on schema ').replace(' ON ', ' on ')],
    });
    await sql(grant);
  }
  expect(await refusal()).toBeUndefined();
}, 60_000);
