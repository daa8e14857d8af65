import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { StoreProcess } from '../../support/store-process.ts';

const MIB = 1024 * 1024;

test('results are not kept in memory: 40 MB of them leave the heap below 25 MB more', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const worker = new StoreProcess(path, 'heap', '2000 20000');
  await worker.ready();
  worker.go();
  const { before, after } = JSON.parse(await worker.line());
  expect(after - before).toBeLessThan(25 * MIB);
  expect(await worker.end()).toBe(0);
  const store = await JsonTaskStore.open(path);
  expect((await store.get('task-1999'))?.result).toBe(`task-1999 ${'r'.repeat(20_000)}`);
  await store.close();
}, 120_000);
