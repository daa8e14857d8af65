import { PostgresTaskStore } from 'orch';
import pg from 'pg';
import { claimed, settled } from './batches.mjs';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';

// Many stores in one database, each a schema of its own: how fast tasks go through all of them together, and how they are got rid of.
const { url, stores: count, n, batches } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: url });
await client.connect();
const schemas = Array.from({ length: count }, (_, i) => `batch_${i}`);
const drop = async () => {
  for (const name of schemas) await client.query(`DROP SCHEMA IF EXISTS ${name}, ${name}_queue CASCADE`);
};
await drop();
const stores = [];
for (const name of schemas) {
  const store = await PostgresTaskStore.connect(`${url}?schema=${name}`);
  await fill(store, Math.ceil(n / count));
  await store.join({
    id: `run-${name}`,
    pid: process.pid,
    host: 'bench',
    startedAt: new Date().toISOString(),
  });
  stores.push([store, `run-${name}`]);
}
const done = [];
const runMs = await timed(() =>
  Promise.all(
    stores.map(async ([store, run]) => {
      for (let i = 0; i < batches / count; i++) {
        const claims = await claimed(store, run);
        done.push(
          ...(await Promise.all(claims.map((claim) => settled(store, claim)))).map(({ id }) => [store, id]),
        );
      }
    }),
  ),
);
const [first] = stores[0];
const ids = done.filter(([store]) => store === first).map(([, id]) => id);
const removeMs = await timed(() => first.remove(ids));
for (const [store] of stores) await store.close();
const dropMs = await timed(drop);
await client.end();
print({
  tasksPerSecond: (done.length * 1000) / runMs,
  removedPerSecond: (ids.length * 1000) / removeMs,
  dropMs,
});
