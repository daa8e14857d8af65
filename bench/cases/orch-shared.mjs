import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { JsonTaskStore } from 'orch';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';

// Several processes work on one store. The time is from the moment all are ready to the moment the last has ended.
const { folder, n, concurrency, processes } = JSON.parse(process.argv[2]);
const path = join(folder, 'tasks.json');
const store = await JsonTaskStore.open(path);
await fill(store, n);
await store.close();

const runner = join(import.meta.dirname, 'orch-runner.mjs');
const runners = Array.from({ length: processes }, () =>
  fork(runner, [JSON.stringify({ path, concurrency })]),
);
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
print({ tasksPerSecond: (n / ms) * 1000 });
