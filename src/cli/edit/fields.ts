import { messageOf } from '../../model/errors.ts';
import type { Task, TaskEdit } from '../../model/task.ts';
import { taskFromRow } from '../input/task-row.ts';
import { usage } from '../values.ts';

/** What of a task can be edited, in the order in which it is shown. */
export const EDITABLE = [
  'description',
  'priority',
  'criteria',
  'check',
  'expect',
  'schema',
  'after',
  'notBefore',
  'maxAttempts',
  'tags',
  'metadata',
] as const satisfies (keyof TaskEdit)[];

/** The editable fields as JSON: `null` stands where a task has none. */
export function textOf(task: Task): string {
  const shown = Object.fromEntries(EDITABLE.map((field) => [field, task[field] ?? null]));
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/**
 * What somebody changed of that text. A field that is left out, `null` or empty is taken away.
 * @param shown the text as it was. @param name how an error calls it. @throws `usage`
 */
export function editIn(text: string, shown: string, name: string): TaskEdit {
  const before = objectIn(shown, name);
  const after = objectIn(text, name);
  for (const field of Object.keys(after)) {
    if (EDITABLE.some((each) => each === field)) continue;
    throw usage(`${name}: "${field}" cannot be edited; the fields are ${EDITABLE.join(', ')}`);
  }
  const row = Object.entries(after).filter(([, value]) => !isNothing(value));
  const task = taskFromRow(Object.fromEntries(row), 1, () => name);
  const changed = EDITABLE.filter((field) => !isSame(before[field], after[field]));
  const edit: TaskEdit = Object.fromEntries(changed.map((field) => [field, task[field] ?? null]));
  if ('priority' in edit) edit.priority = task.priority ?? 0;
  if (edit.metadata) edit.metadata = patch(before.metadata ?? {}, edit.metadata);
  return edit;
}

function objectIn(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usage(`${name} is not JSON: ${messageOf(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw usage(`${name} must hold a JSON object with the fields of the task`);
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isSame(one: unknown, other: unknown): boolean {
  return (isNothing(one) && isNothing(other)) || JSON.stringify(one) === JSON.stringify(other);
}

/** The keys that differ; `null` for those that are gone. */
function patch(before: object, after: object): Record<string, unknown> {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const there = new Map(Object.entries(before));
  const different = Object.entries(after).filter(([key, value]) => !isSame(there.get(key), value));
  return Object.fromEntries([...gone.map((key) => [key, null]), ...different]);
}
