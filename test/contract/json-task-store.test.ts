import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { taskStoreContract } from './task-store.contract.ts';

let folder: string;
let opened = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-contract-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

taskStoreContract('JsonTaskStore', async (clock) => {
  const path = join(folder, `tasks-${opened++}.json`);
  return JsonTaskStore.open(path, { create: true, clock });
});
