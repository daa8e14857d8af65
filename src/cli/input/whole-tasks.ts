import { isOrchError, OrchError } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import { soundTask } from '../../stores/check-task.ts';
import { usage } from '../values.ts';

/** A whole task, as `orch export` writes it. @throws `usage`: it is none, with its place. */
export function wholeTask(row: unknown, place: string): Task {
  if (typeof row !== 'object' || row === null || !('status' in row) || !('history' in row)) {
    throw usage(`${place}: this is no whole task, as orch export writes it; orch add -f takes rows of data`);
  }
  try {
    return soundTask(row as Task);
  } catch (error) {
    throw isOrchError(error) ? usage(`${place}: ${error.message}`) : error;
  }
}

/** What a store says against whole tasks, with the line of the one at fault, whose message names it first. */
export function withLine(
  error: unknown,
  tasks: ReadonlyArray<{ id: string }>,
  placeOf: (index: number) => string,
): unknown {
  if (!isOrchError(error)) return error;
  const id = /^(?:Task|[^:]* in a circle:) (\S+) /.exec(error.message)?.[1];
  const index = tasks.findLastIndex((task) => task.id === id);
  if (index < 0) return error;
  return new OrchError(error.code, `${placeOf(index)}: ${error.message}`, { cause: error });
}
