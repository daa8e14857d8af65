import { placeholdersIn } from '../model/placeholders.ts';
import type { Task } from '../model/task.ts';
import { afterVariable, metadataVariable } from './data-variables.ts';
import { interpreterIn } from './interpreter.ts';

/**
 * Why a command is not given the description of a task: it asks for results, which nobody fills in there, or it holds fields of a row
 * and the command would run it as a script. Undefined where nothing is wrong.
 */
export function unfitText(task: Task, command: string): string | undefined {
  return unfilledText(task) ?? codeText(task, command);
}

function unfilledText(task: Task): string | undefined {
  const [id] = placeholdersIn(task);
  if (id === undefined) return undefined;
  return `${task.id} has {{${id}}} in its description, which is not filled in for a command, because a result must never become code; let the command read the file named by ${afterVariable(id)}, and take the braces out`;
}

function codeText({ id, filledFields }: Task, command: string): string | undefined {
  const [field] = filledFields ?? [];
  const interpreter = field === undefined ? undefined : interpreterIn(command);
  if (field === undefined || interpreter === undefined) return undefined;
  return `${id} has the field ${JSON.stringify(field)} of a row in its description, and ${interpreter} would run that as code; write "$${metadataVariable(field)}" in the template instead of {{${field}}}`;
}
