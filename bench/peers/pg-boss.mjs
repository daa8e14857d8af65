import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { print, timed } from '../cases/figures.mjs';

// No-op jobs through pg-boss' own calls: fetch a batch, complete it, again, by one connection.
const { url, n, batch } = JSON.parse(process.argv[2]);
const QUEUE = 'noop';
const boss = new PgBoss({ connectionString: url, schema: 'boss', max: 1, supervise: false, schedule: false });
boss.on('error', () => {});
await drop();
await boss.start();
await boss.createQueue(QUEUE, { partition: true, retryLimit: 0 });
const addMs = await timed(async () => {
  for (let done = 0; done < n; done += 1000) {
    const jobs = Array.from({ length: Math.min(1000, n - done) }, (_, i) => ({ data: { index: done + i } }));
    await boss.insert(QUEUE, jobs);
  }
});
let completed = 0;
const runMs = await timed(async () => {
  for (;;) {
    const jobs = await boss.fetch(QUEUE, { batchSize: batch });
    if (jobs.length === 0) return;
    const { affected } = await boss.complete(QUEUE, jobs);
    completed += affected;
  }
});
if (completed !== n) throw new Error(`${completed} of ${n} jobs are completed`);
await boss.stop({ graceful: false });
print({ addedPerSecond: (n / addMs) * 1000, tasksPerSecond: (n / runMs) * 1000 });

async function drop() {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('DROP SCHEMA IF EXISTS boss CASCADE');
  await client.end();
}
