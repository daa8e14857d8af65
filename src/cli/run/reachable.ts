import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Survey } from '../survey.ts';

/** The tasks that a run could come to, in the order they were added: unfinished, and not blocked by a failed one. */
export async function reachableTasks(store: TaskStore, found: Survey): Promise<Task[]> {
  const blockedForGood = new Set(found.blocked.filter((each) => each.forGood).map((each) => each.task.id));
  const live = new Set((await store.runs()).map((run) => run.id));
  const tasks: Task[] = [];
  for await (const task of store.list()) {
    const heldByOthers = task.lease !== undefined && live.has(task.lease.run);
    const unfinished = task.status === 'pending' || task.status === 'in_progress';
    if (unfinished && !heldByOthers && !blockedForGood.has(task.id)) tasks.push(task);
  }
  return tasks;
}
