import { setTimeout as wait } from 'node:timers/promises';
import { OrchestratorBuilder, PostgresTaskStore } from 'orch';
import pg from 'pg';
import { print } from './figures.mjs';

// A run that waits: what it asks the database while nothing happens, and how soon it begins what somebody else adds.
const { url, silentMs, times } = JSON.parse(process.argv[2]);
let statements = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(...args) {
  statements++;
  return query.apply(this, args);
};
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('DROP SCHEMA IF EXISTS orch CASCADE; DROP SCHEMA IF EXISTS orch_queue CASCADE');
await client.end();

const adding = await PostgresTaskStore.connect(url);
await adding.add([{ description: 'the first' }]);
let begun = () => {};
const first = new Promise((resolve) => {
  begun = resolve;
});
const orchestrator = new OrchestratorBuilder()
  .withTaskStore(await PostgresTaskStore.connect(url))
  .withExecutor({
    execute: async () => {
      begun();
      return { success: true, output: '' };
    },
  })
  .withConfig({ concurrency: 1, verifyResults: false, stay: true })
  .build();
const over = orchestrator.run();
await first;
const latencies = [];
for (let i = 0; i < times; i++) {
  await wait(Math.random() * 400);
  const start = new Promise((resolve) => {
    begun = resolve;
  });
  const from = performance.now();
  await adding.add([{ description: `later ${i}` }]);
  await start;
  latencies.push(performance.now() - from);
}
await adding.close();
await wait(5000);
statements = 0;
await wait(silentMs);
const idle = statements;
orchestrator.stop('finish');
await over;
latencies.sort((a, b) => a - b);
print({
  startMs: latencies[Math.floor(times / 2)],
  startMostMs: latencies.at(-1),
  idleStatements: (idle * 60_000) / silentMs,
});
process.exit();
