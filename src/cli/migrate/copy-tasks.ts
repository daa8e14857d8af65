import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';

/** What is put into the other store at once: so many tasks, or so many characters of JSON. */
const BATCH_TASKS = 2000;
const BATCH_CHARACTERS = 4_000_000;

export interface Copied {
  /** Tasks of the one store that are in the other now. */
  tasks: number;
  /** Those of them that were not there before. */
  added: number;
}

export interface CopyOptions {
  /** Ends it between two batches. */
  signal: AbortSignal;
  onProgress(copied: Copied): void;
}

/**
 * Copies all tasks whole, in their order, some at a time; what is there already is passed over, so that what was interrupted is said again.
 * A task that comes after one that was added later follows at the end.
 * @throws `conflict`: a task is there with another content.
 */
export async function copyTasks(
  from: TaskStore,
  to: TaskStore,
  { signal, onProgress }: CopyOptions,
): Promise<Copied> {
  const copied = { tasks: 0, added: 0 };
  const done = new Set<string>();
  const put = async (batch: readonly Task[]): Promise<void> => {
    if (batch.length === 0) return;
    copied.added += (await to.import([...batch])).length;
    copied.tasks += batch.length;
    onProgress(copied);
  };
  const postponed: string[] = [];
  const inOrder = async function* (): AsyncGenerator<Task> {
    for await (const task of from.list()) {
      const isReady = task.status === 'completed' || (task.after ?? []).every((id) => done.has(id));
      if (isReady) done.add(task.id);
      else postponed.push(task.id);
      if (isReady) yield task;
    }
  };
  for await (const batch of batches(inOrder())) {
    if (signal.aborted) return copied;
    await put(batch);
  }
  // They may come after each other, so that they go together.
  const late = await Promise.all(postponed.map((id) => from.get(id)));
  if (!signal.aborted) await put(late.filter((task) => task !== undefined));
  return copied;
}

async function* batches(tasks: AsyncIterable<Task>): AsyncGenerator<Task[]> {
  let batch: Task[] = [];
  let characters = 0;
  for await (const task of tasks) {
    batch.push(task);
    characters += JSON.stringify(task).length;
    if (batch.length < BATCH_TASKS && characters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  yield batch;
}
