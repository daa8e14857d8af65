import { isOrchError } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import { soundTask } from '../../stores/check-task.ts';
import { pattern, usage } from '../values.ts';
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
    if (task.description.trim() === '') throw usage('the description is blank');
    if (task.expect !== undefined) pattern(task.expect, '"expect"');
    return task;
  } catch (error) {
    throw isOrchError(error) ? usage(`${place}: ${error.message}`) : error;
  }
}

/** No task of orch's own has another end than its status says. */
function requireItsEnd({ id, status, result, error }: Task): void {
  const isCompleted = status === 'completed';
  const isFailed = status === 'failed';
  if (isCompleted !== (result !== undefined))
    throw usage(`Task ${id} is ${status}, and has ${isCompleted ? 'no' : 'a'} "result"`);
  if (isFailed !== (error !== undefined))
    throw usage(`Task ${id} is ${status}, and has ${isFailed ? 'no' : 'an'} "error"`);
}
