import type { NewTask, Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { MemoryTaskStore } from '../../stores/memory/memory-task-store.ts';
import { survey } from '../survey.ts';
import { inOrder } from './order.ts';
import { reachableTasks } from './reachable.ts';

/** A copy in memory of the tasks that a run could come to; what happens to it happens nowhere else. */
export async function simulationOf(store: TaskStore): Promise<TaskStore> {
  const tasks = await reachableTasks(store, await survey(store));
  const inside = new Set(tasks.map((task) => task.id));
  // A task may only come after those that are added before it; a file written by hand need not be in such an order.
  const ordered = inOrder(tasks, () => true);
  const copy = new MemoryTaskStore();
  await copy.add(ordered.map((task) => copyOf(task, inside)));
  return copy;
}

/** What it comes after, and is not in the copy, counts as done. */
function copyOf(task: Task, inside: ReadonlySet<string>): NewTask {
  const { id, description, priority, maxAttempts, notBefore, criteria, check, tags, metadata } = task;
  const after = task.after?.filter((each) => inside.has(each));
  return {
    ...{ id, description, priority },
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(after?.length && { after }),
    ...(notBefore !== undefined && { notBefore }),
    ...(criteria !== undefined && { criteria }),
    ...(check !== undefined && { check }),
    ...(tags && { tags }),
    ...(metadata && { metadata }),
  };
}
