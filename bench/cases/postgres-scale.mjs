import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { BATCH, goThrough } from './batches.mjs';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';

// A store that holds many tasks: what each takes on disk, and how fast a batch of fifty goes through while the others wait.
const { url, n, batches } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
const store = await PostgresTaskStore.connect(url);
const addMs = await timed(() => fill(store, n));
const pendingBytes = await bytes();
await client.query('ANALYZE');

const run = 'run-bench';
await store.join({ id: run, pid: process.pid, host: 'bench', startedAt: new Date().toISOString() });
const runMs = await timed(() => goThrough(store, run, batches));
const countMs = await timed(() => store.counts());
const surveyMs = await timed(() => store.survey({ most: 20 }));
const beatMs = await timed(async () => {
  for (let i = 0; i < 200; i++) {
    await client.query("UPDATE orch.run SET alive_until = now() + interval '30 s' WHERE id = $1", [run]);
  }
});
await store.leave(run);
await store.close();
await client.end();
print({
  addedPerSecond: (n / addMs) * 1000,
  bytesPerTask: pendingBytes / n,
  tasksPerSecond: (batches * BATCH * 1000) / runMs,
  countMs,
  surveyMs,
  beatMs: beatMs / 200,
});

async function bytes() {
  const { rows } = await client.query(
    `SELECT sum(pg_total_relation_size(c.oid))::float8 AS bytes FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE s.nspname IN ('orch', 'orch_queue') AND c.relkind = 'r'`,
  );
  return rows[0].bytes;
}
