import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { taskStoreContract } from './task-store.contract.ts';

taskStoreContract('MemoryTaskStore', async (clock) => new MemoryTaskStore({ clock }));
