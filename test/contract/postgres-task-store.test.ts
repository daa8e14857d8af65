import { afterAll, beforeAll } from 'vitest';
import { ServerStores } from '../support/server-stores.ts';
import { controlContract, sharedControlContract } from './control.contract.ts';
import { editContract } from './edit.contract.ts';
import { faultContract } from './fault.contract.ts';
import { importContract } from './import.contract.ts';
import { intakeContract } from './intake.contract.ts';
import { moneyContract, sharedMoneyContract } from './money.contract.ts';
import { retryContract } from './retry.contract.ts';
import { surveyContract } from './survey.contract.ts';
import { taskStoreContract } from './task-store.contract.ts';

let postgres: ServerStores;

beforeAll(async () => {
  postgres = await ServerStores.start();
});

afterAll(() => postgres.stop());

taskStoreContract('PostgresTaskStore', (clock) => postgres.openNew(clock));
editContract('PostgresTaskStore', (clock) => postgres.openNew(clock));
retryContract('PostgresTaskStore', (clock) => postgres.openNew(clock));
surveyContract('PostgresTaskStore', (clock) => postgres.openNew(clock));
importContract('PostgresTaskStore', () => postgres.openNew());
intakeContract('PostgresTaskStore', () => postgres.openNew());
faultContract('PostgresTaskStore', () => postgres.openNew());
controlContract('PostgresTaskStore', () => postgres.openNew());
sharedControlContract('PostgresTaskStore', () => {
  const schema = postgres.newSchema();
  return () => postgres.open(schema);
});
moneyContract('PostgresTaskStore', (clock) => postgres.openNew(clock));
sharedMoneyContract('PostgresTaskStore', () => {
  const schema = postgres.newSchema();
  return () => postgres.open(schema);
});
