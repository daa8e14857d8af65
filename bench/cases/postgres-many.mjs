import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { goThrough } from './batches.mjs';
import { print, timed } from './figures.mjs';
import { fillBySql } from './fill-by-sql.mjs';

// A store with more tasks than anybody adds for a measurement: a look at it, and how fast a batch of fifty goes through.
const { url, n, batches } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
const store = await PostgresTaskStore.connect(url);
await store.add([{ description: 'Task number 1' }]);
const fillMs = await timed(() => fillBySql(client, n));
const { rows } = await client.query(
  `SELECT sum(pg_total_relation_size(c.oid))::float8 AS bytes FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
   WHERE s.nspname IN ('orch', 'orch_queue') AND c.relkind = 'r'`,
);
const surveyMs = await timed(async () => {
  for (let i = 0; i < 10; i++) await store.survey({ most: 20 });
});
const exactMs = await timed(() =>
  client.query(
    `SELECT state, blocked, count(*) FROM orch_queue.job WHERE name = 'orch' GROUP BY state, blocked`,
  ),
);
const run = 'run-bench';
await store.join({ id: run, pid: process.pid, host: 'bench', startedAt: new Date().toISOString() });
const runMs = await timed(() => goThrough(store, run, batches));
await store.leave(run);
await store.close();
await client.end();
print({
  filledPerSecond: (n / fillMs) * 1000,
  bytesPerTask: rows[0].bytes / n,
  surveyMs: surveyMs / 10,
  exactCountMs: exactMs,
  tasksPerSecond: (batches * 50 * 1000) / runMs,
});
