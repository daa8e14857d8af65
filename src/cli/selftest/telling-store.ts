import { isOrchError } from '../../model/errors.ts';
import type { Lease } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { forwarding } from './forwarding.ts';
import type { Tell } from './told.ts';

/** A store that tells what the one behind it acknowledged, before whoever asked for it hears. */
export function telling(store: TaskStore, tell: Tell): TaskStore {
  const orRefused = async <T>({ taskId, token }: Lease, change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } catch (error) {
      if (isOrchError(error, 'lease-lost')) tell({ kind: 'refused', id: taskId, token });
      throw error;
    }
  };
  return {
    ...forwarding(store),
    async add(tasks) {
      const added = await store.add(tasks);
      tell({ kind: 'added', tasks: added.map(({ id, description }) => ({ id, description })) });
      return added;
    },
    async claim(request) {
      const answer = await store.claim(request);
      for (const { id } of answer.setAside ?? []) tell({ kind: 'setAside', id });
      if (answer.task) {
        const { token, since } = answer.lease;
        tell({ kind: 'claimed', id: answer.task.id, token, since });
      }
      return answer;
    },
    async checkpoint(lease, checkpoint) {
      const { taskId, token, since } = lease;
      const task = await orRefused(lease, store.checkpoint(lease, checkpoint));
      tell({ kind: 'checkpointed', id: taskId, token, since, output: checkpoint.output });
      return task;
    },
    async settle(lease, settlement) {
      const { taskId, token, since } = lease;
      const task = await orRefused(lease, store.settle(lease, settlement));
      if (settlement.status === 'completed') {
        tell({ kind: 'completed', id: taskId, token, since, result: settlement.result });
      }
      return task;
    },
    async reset(selection) {
      const tasks = await store.reset(selection);
      for (const { id } of tasks) tell({ kind: 'reset', id });
      return tasks;
    },
  };
}
