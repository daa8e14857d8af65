import { isOrchError } from '../../model/errors.ts';
import type { Settlement } from '../../model/settlement.ts';
import type { Lease, Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { forwarding } from './forwarding.ts';

const LEASE_MS = 1_000;

/** A store as it would be without fencing: who has lost a lease settles all the same. It shows that the self-test would notice. */
export function unfenced(store: TaskStore): TaskStore {
  return {
    ...forwarding(store),
    async settle(lease, settlement) {
      try {
        return await store.settle(lease, settlement);
      } catch (error) {
        const settled = isOrchError(error, 'lease-lost') && (await force(store, lease, settlement));
        if (!settled) throw error;
        return settled;
      }
    },
  };
}

/** @returns undefined when it cannot be had. */
async function force(
  store: TaskStore,
  { taskId, run }: Lease,
  settlement: Settlement,
): Promise<Task | undefined> {
  const held = (await store.get(taskId))?.lease;
  if (held) return store.settle(held, settlement);
  await store.reset({ ids: [taskId] });
  const answer = await store.claim({ run, leaseMs: LEASE_MS, only: new Set([taskId]) });
  return answer.task && store.settle(answer.lease, settlement);
}
