import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { takingIn } from '../support/intake.ts';
import { controlContract } from './control.contract.ts';
import { editContract } from './edit.contract.ts';
import { faultContract } from './fault.contract.ts';
import { importContract } from './import.contract.ts';
import { intakeContract } from './intake.contract.ts';
import { moneyContract } from './money.contract.ts';
import { retryContract } from './retry.contract.ts';
import { surveyContract } from './survey.contract.ts';
import { taskStoreContract } from './task-store.contract.ts';

taskStoreContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
importContract('MemoryTaskStore', async () => new MemoryTaskStore());
faultContract('MemoryTaskStore', async () => new MemoryTaskStore());
controlContract('MemoryTaskStore', async () => new MemoryTaskStore());
moneyContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
editContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
retryContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
surveyContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
intakeContract('MemoryTaskStore', async () => new MemoryTaskStore());
faultContract('MemoryTaskStore, by its intake,', async () => takingIn(new MemoryTaskStore()));
taskStoreContract('MemoryTaskStore, by its intake,', async (clock) =>
  takingIn(new MemoryTaskStore({ clock })),
);
