import { once } from 'node:events';
import { JsonTaskStore } from 'orch';
import { work } from './work.mjs';

// One of the processes of orch-shared.mjs: reads the store, says so, runs when told, says how many tasks it completed.
const { path, concurrency } = JSON.parse(process.argv[2]);
const store = await JsonTaskStore.open(path, { create: false });
await store.counts();
// When what started it is gone, so is the reason for its work.
process.once('disconnect', () => process.exit());
const go = once(process, 'message');
process.send('ready');
await go;
process.send(await work(store, concurrency));
await store.close();
process.disconnect();
