import { isoTime } from '../../model/clock.ts';
import type { Task } from '../../model/task.ts';
import { resetTask } from '../../model/transitions.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { MemoryTaskStore } from '../../stores/memory/memory-task-store.ts';
import type { Context } from '../context.ts';
import { note, print } from '../output.ts';

/** A copy in memory, unfinished tasks as they were added; what happens to it happens nowhere else. */
export async function copyOf(store: TaskStore): Promise<TaskStore> {
  const live = new Set((await store.runs()).map((run) => run.id));
  const tasks: Task[] = [];
  for await (const task of store.list()) {
    const heldByOthers = task.lease !== undefined && live.has(task.lease.run);
    const unfinished = task.status === 'pending' || task.status === 'in_progress';
    // What another run holds counts as done: this one would not come to it.
    if (heldByOthers) tasks.push({ ...task, status: 'completed' });
    else tasks.push(unfinished ? resetTask(task, isoTime(Date.now())) : task);
  }
  return new MemoryTaskStore({ tasks });
}

/** For a rehearsal, which is told. */
export async function copyToSimulate({ json, quiet }: Context, store: TaskStore): Promise<TaskStore> {
  const say = json ? note : print;
  if (!quiet) say('Simulated, on a copy: the store stays as it is');
  return copyOf(store);
}

/** The tasks that one slot would take, in its order, if each were completed. @param only of these, where given. */
export async function planOf(
  store: TaskStore,
  limit = Infinity,
  only?: ReadonlySet<string>,
): Promise<Task[]> {
  const copy = await copyOf(store);
  const run = { id: 'dry-run', pid: process.pid, host: '', startedAt: isoTime(Date.now()) };
  await copy.join(run);
  const plan: Task[] = [];
  while (plan.length < limit) {
    const { task, ...claim } = await copy.claim({ run: run.id, leaseMs: 60_000, only });
    if (!task || !('lease' in claim)) break;
    plan.push(task);
    await copy.settle(claim.lease, {
      status: 'completed',
      result: '',
      verified: false,
      attempt: { outcome: 'passed' },
    });
  }
  return plan;
}
