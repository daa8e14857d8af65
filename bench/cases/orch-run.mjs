import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { JsonTaskStore } from 'orch';
import { print, timed } from './figures.mjs';
import { fill } from './fill.mjs';
import { work } from './work.mjs';

// orch as a library uses it: add n tasks, run them all, close the store (which compacts); then another process loads it.
const { folder, n, concurrency, resultBytes, collectEarly } = JSON.parse(process.argv[2]);
if (collectEarly) (await import('../../src/cli/run/heap.ts')).collectEarly();
const path = join(folder, 'tasks.json');
const store = await JsonTaskStore.open(path);
const addMs = await timed(() => fill(store, n));
let completed;
const runMs = await timed(async () => {
  completed = await work(store, concurrency, resultBytes);
});
const closeMs = await timed(() => store.close());
if (completed !== n) throw new Error(`${completed} of ${n} tasks are completed`);

const load = join(import.meta.dirname, 'orch-load.mjs');
const loaded = JSON.parse(
  execFileSync(process.execPath, [load, JSON.stringify({ path, n })], { encoding: 'utf8' }),
);
print({
  addedPerSecond: (n / addMs) * 1000,
  tasksPerSecond: (n / runMs) * 1000,
  closeMs,
  loadMs: loaded.wallMs,
  loadPeakMb: loaded.peakMb,
});
