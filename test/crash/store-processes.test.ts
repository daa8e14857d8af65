import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../support/store-folder.ts';
import { idsOf, listed } from '../support/store-parts.ts';
import { together } from '../support/store-process.ts';

// Some hundred durable writes: a slow disk may take its time.
vi.setConfig({ testTimeout: 300_000 });

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, { create: true });
  onTestFinished(() => store.close());
  return store;
}

test('4 processes that share 200 tasks do each exactly once', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add(Array.from({ length: 200 }, (_, i) => ({ description: `work ${i}` })));
  const worked = (await together(4, path, 'work')).flat();
  expect(worked.sort()).toEqual((await idsOf(store)).sort());
  for (const task of await listed(store)) {
    expect(task).toMatchObject({ status: 'completed', attempts: 1, history: [{ outcome: 'passed' }] });
    expect(task.history).toHaveLength(1);
  }
  expect(await store.runs()).toEqual([]);
});
