import type { NewTask, Task } from '../model/task.ts';
import type { Added, Intake } from '../ports/task-store.ts';
import type { AddedTasks } from './apply-plan.ts';

/** For stores that take all tasks at once: until then they are in memory. */
export class ListIntake implements Intake {
  readonly #add: (tasks: readonly NewTask[]) => Promise<AddedTasks>;
  #taken: NewTask[] = [];

  constructor(add: (tasks: readonly NewTask[]) => Promise<AddedTasks>) {
    this.#add = add;
  }

  take(task: NewTask): void {
    this.#taken.push(task);
  }

  async add(): Promise<Added> {
    const given = this.#taken;
    const { tasks, there } = await this.#add(given);
    return {
      count: tasks.length,
      ids: () => tasks.map(({ id }) => id),
      tasks: () => tasks,
      there: () => there.map((index) => ({ given: given[index]!, kept: tasks[index] as Task })),
    };
  }

  close(): void {
    this.#taken = [];
  }
}
