import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { print, timed } from './figures.mjs';

// Calls that set money aside and settle it, sixteen at once, while so many runs live and have spent something.
const { url, runs, calls } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
const store = await PostgresTaskStore.connect(url);
const joinMs = await timed(async () => {
  for (let i = 0; i < runs; i++) {
    await store.join({
      id: `run-${i}`,
      pid: i,
      host: 'bench',
      startedAt: new Date().toISOString(),
      maxCostUsd: 1000,
    });
  }
});
for (let i = 0; i < runs; i++) await store.spend({ run: `run-${i}`, call: 'first', usd: 0.001 });
const ms = await timed(async () => {
  const turns = Array.from({ length: calls }, (_, i) => i);
  const work = async () => {
    for (let i = turns.pop(); i !== undefined; i = turns.pop()) {
      const request = { run: `run-${i % runs}`, call: `call-${i}`, usd: 0.001 };
      await store.reserve(request);
      await store.spend(request);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
});
await store.close();
await client.end();
print({ joinMs: joinMs / runs, callsPerSecond: (calls / ms) * 1000 });
