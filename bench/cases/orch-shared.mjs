import { join } from 'node:path';
import { JsonTaskStore } from 'orch';
import { print } from './figures.mjs';
import { fill } from './fill.mjs';
import { workTogether } from './runners.mjs';

// Several processes work on one store in a file.
const { folder, n, concurrency, processes } = JSON.parse(process.argv[2]);
const path = join(folder, 'tasks.json');
const store = await JsonTaskStore.open(path);
await fill(store, n);
await store.close();
print({ tasksPerSecond: await workTogether({ path }, n, concurrency, processes) });
