import { isOrchError } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import { soundTask } from '../../stores/check-task.ts';
import { usage } from '../values.ts';
import { isListed } from './listed-task.ts';

/** A whole task, as `orch export` writes it, or as `--json` prints it. @throws `usage`: it is none, with its place. */
export function wholeTask(row: unknown, place: string): Task {
  if (typeof row !== 'object' || row === null || !('status' in row) || !('history' in row)) {
    throw usage(`${place}: this is no whole task, as orch export writes it; orch add -f takes rows of data`);
  }
  const { schemaVersion: _, ...listed } = row as Task & { schemaVersion?: unknown };
  const given = isListed(row, place) ? listed : (row as Task);
  try {
    const task = soundTask(given);
    requireItsEnd(task);
    return task;
  } catch (error) {
    throw isOrchError(error) ? usage(`${place}: ${error.message}`) : error;
  }
}

/** A result is what passed, and an error is why a task is failed: elsewhere they would be taken for it. */
function requireItsEnd({ id, status, result, error }: Task): void {
  if (result !== undefined && status !== 'completed')
    throw usage(`Task ${id} is ${status}, and has a "result"`);
  if (error !== undefined && status !== 'failed') throw usage(`Task ${id} is ${status}, and has an "error"`);
}
