import { JsonTaskStore } from 'orch';
import { fill } from './fill.mjs';

// Leaves a store of n pending tasks as a library leaves it that closes what it opened.
const { path, n } = JSON.parse(process.argv[2]);
const store = await JsonTaskStore.open(path);
await fill(store, n);
await store.close();
