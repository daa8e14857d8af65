import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';
import { workTogether } from './runners.mjs';

// Processes work on one store on Postgres.
const { url, n, concurrency, processes, cpuShare } = JSON.parse(process.argv[2]);
await sql('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
const store = await PostgresTaskStore.connect(url);
const addMs = await timed(() => fill(store, n));
await store.close();
await sql('ANALYZE');
const tasksPerSecond = await workTogether({ url }, n, concurrency, processes, cpuShare);
print({ addedPerSecond: (n / addMs) * 1000, tasksPerSecond });

async function sql(text) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
