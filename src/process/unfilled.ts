import { placeholdersIn } from '../model/placeholders.ts';
import type { Task } from '../model/task.ts';
import { afterVariable } from './data-variables.ts';

/** What is wrong with a task that asks for results in its description when a command does it; undefined where nothing is. */
export function unfilledText(task: Task): string | undefined {
  const [id] = placeholdersIn(task);
  if (id === undefined) return undefined;
  return `${task.id} has {{${id}}} in its description, which is not filled in for a command, because a result must never become code; let the command read the file named by ${afterVariable(id)}, and take the braces out`;
}
