import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';

// Processes work on one store on Postgres. The time is from the moment all are ready to the moment the last has ended.
const { url, n, concurrency, processes } = JSON.parse(process.argv[2]);
await sql('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
const store = await PostgresTaskStore.connect(url);
const addMs = await timed(() => fill(store, n));
await store.close();
await sql('ANALYZE');

const runner = join(import.meta.dirname, 'orch-postgres-runner.mjs');
const runners = Array.from({ length: processes }, () => fork(runner, [JSON.stringify({ url, concurrency })]));
for (const child of runners) {
  child.once('exit', (status) => {
    if (status !== 0) throw new Error(`A process ended with status ${status}`);
  });
}
const answers = () => Promise.all(runners.map(async (child) => (await once(child, 'message'))[0]));

await answers();
let counts = [];
const ms = await timed(async () => {
  const done = answers();
  for (const child of runners) child.send('go');
  counts = await done;
});
const completed = counts.reduce((sum, count) => sum + count, 0);
if (completed !== n) throw new Error(`${completed} of ${n} tasks were completed, each process's own counted`);
print({ addedPerSecond: (n / addMs) * 1000, tasksPerSecond: (n / ms) * 1000 });

async function sql(text) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
