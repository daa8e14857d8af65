import { once } from 'node:events';
import { JsonTaskStore, PostgresTaskStore } from 'orch';
import { work } from './work.mjs';

// One of the processes of runners.mjs: opens the store, says so, runs when told, says how many tasks it completed.
const { path, url, concurrency } = JSON.parse(process.argv[2]);
const store = url
  ? await PostgresTaskStore.connect(url, { create: false })
  : await JsonTaskStore.open(path, { create: false });
await store.counts();
// When what started it is gone, so is the reason for its work.
process.once('disconnect', () => process.exit());
const go = once(process, 'message');
process.send('ready');
await go;
process.send(await work(store, concurrency));
await store.close();
process.disconnect();
