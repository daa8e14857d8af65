import type { Task, TaskStatus } from '../model/task.ts';

/** A task that has ended, kept where it takes little memory. */
export interface ShelvedTask {
  readonly id: string;
  readonly status: TaskStatus;
  /** The ids that its task has in `after`. */
  readonly after: readonly string[] | undefined;
  /** @throws OrchError `store-unusable` when it cannot be read back. */
  read(): Task;
}

/** Where a table puts tasks that have ended. */
export interface Shelf {
  /** @returns undefined when it has no room: the task stays in memory. */
  put(task: Task): ShelvedTask | undefined;
}

/** A task as a table holds it. */
export type Entry = Task | ShelvedTask;

export function isShelved(entry: Entry): entry is ShelvedTask {
  // A person may have given a task a field of this name.
  return 'read' in entry && typeof entry.read === 'function';
}

export function taskOf(entry: Entry): Task {
  return isShelved(entry) ? entry.read() : entry;
}
