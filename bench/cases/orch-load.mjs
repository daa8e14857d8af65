import { JsonTaskStore } from 'orch';
import { print, timed } from './figures.mjs';

// Reads a store that another process left, and checks that all of its tasks are there and completed.
const { path, n } = JSON.parse(process.argv[2]);
let counts;
const wallMs = await timed(async () => {
  const store = await JsonTaskStore.open(path, { create: false });
  counts = await store.counts();
  await store.close();
});
if (counts.total !== n || counts.completed !== n) {
  throw new Error(`The store holds ${counts.completed} completed of ${counts.total} tasks, not ${n}`);
}
print({ wallMs });
