import { forwarding } from '../../src/cli/selftest/forwarding.ts';
import type { NewTask, Task } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';

/** What `add` does, one by one. */
export async function addByIntake(store: TaskStore, tasks: NewTask[]): Promise<Task[]> {
  const intake = store.intake();
  try {
    for (const task of tasks) intake.take(task);
    const added = await intake.add();
    const whole = [...added.tasks()];
    if (whole.map(({ id }) => id).join() !== [...added.ids()].join() || whole.length !== added.count)
      throw new Error('an intake gives other ids than its tasks have');
    return whole;
  } finally {
    intake.close();
  }
}

/** A store that takes all tasks in by its intake. */
export function takingIn(store: TaskStore): TaskStore {
  return { ...forwarding(store), add: (tasks) => addByIntake(store, tasks) };
}
