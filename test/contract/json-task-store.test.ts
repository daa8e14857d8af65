import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { takingIn } from '../support/intake.ts';
import { controlContract, sharedControlContract } from './control.contract.ts';
import { editContract } from './edit.contract.ts';
import { faultContract } from './fault.contract.ts';
import { importContract } from './import.contract.ts';
import { intakeContract } from './intake.contract.ts';
import { moneyContract, sharedMoneyContract } from './money.contract.ts';
import { retryContract } from './retry.contract.ts';
import { surveyContract } from './survey.contract.ts';
import { taskStoreContract } from './task-store.contract.ts';

let folder: string;
let opened = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-contract-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newPath(): string {
  return join(folder, `tasks-${opened++}.json`);
}

taskStoreContract('JsonTaskStore', (clock) => JsonTaskStore.open(newPath(), { create: true, clock }));
editContract('JsonTaskStore', (clock) => JsonTaskStore.open(newPath(), { clock }));
retryContract('JsonTaskStore', (clock) => JsonTaskStore.open(newPath(), { clock }));
surveyContract('JsonTaskStore', (clock) => JsonTaskStore.open(newPath(), { clock }));
importContract('JsonTaskStore', () => JsonTaskStore.open(newPath()));
faultContract('JsonTaskStore', () => JsonTaskStore.open(newPath()));
controlContract('JsonTaskStore', () => JsonTaskStore.open(newPath()));
sharedControlContract('JsonTaskStore', () => {
  const path = newPath();
  return () => JsonTaskStore.open(path);
});
moneyContract('JsonTaskStore', (clock) => JsonTaskStore.open(newPath(), { clock }));
sharedMoneyContract('JsonTaskStore', () => {
  const path = newPath();
  return () => JsonTaskStore.open(path);
});
intakeContract('JsonTaskStore', async () => JsonTaskStore.open(newPath()));
faultContract('JsonTaskStore, by its intake,', async () => takingIn(await JsonTaskStore.open(newPath())));
taskStoreContract('JsonTaskStore, by its intake,', async (clock) =>
  takingIn(await JsonTaskStore.open(newPath(), { create: true, clock })),
);
