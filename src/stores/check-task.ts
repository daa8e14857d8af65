import { messageOf, OrchError } from '../model/errors.ts';
import type { Settlement } from '../model/settlement.ts';
import type { NewTask, Task, TaskEdit } from '../model/task.ts';
import { type JsonPath, Mismatch } from './shape.ts';
import { isEnding, isFindings, isNewTask, isTask, NEW_TASK_FIELDS } from './task-shape.ts';

/**
 * What is kept is checked as its reader will check it: what could not be read again is refused. A task, and what came of an attempt, are
 * taken as they will be read, apart from what their maker may go on changing.
 * @throws `usage`
 */
export function soundNewTask(task: NewTask, id: string): NewTask & { id: string };
/** @param id undefined: it gets an automatic one. */
export function soundNewTask(task: NewTask, id: string | undefined): NewTask;
export function soundNewTask(task: NewTask, id: string | undefined): NewTask {
  return refusing(id, () => {
    const read = asRead({ ...task, id }, [], NEW_TASK_FIELDS);
    isNewTask(read);
    return read;
  });
}

/** The same of what is to be changed of a task. */
export function soundEdit(id: string, edit: TaskEdit): TaskEdit {
  return refusing(id, () => {
    const read = asRead(edit, [], NEW_TASK_FIELDS);
    const given = Object.entries(read).filter(([, value]) => value !== null);
    isNewTask({ id, description: '', ...Object.fromEntries(given) });
    return read;
  });
}

/** A whole task. @throws `usage` */
export function soundTask(task: Task): Task {
  return refusing(task.id, () => {
    const read = JSON.parse(textOf(task, []) ?? 'null');
    isTask(read);
    return read;
  });
}

/** @param task whose claim it ends. @throws `usage` */
export function soundSettlement(task: Task, settlement: Settlement): Settlement {
  const { attempt } = settlement;
  refusing(task.id, () => isEnding(settlement));
  return attempt ? ({ ...settlement, attempt: soundFindings(task, attempt) } as Settlement) : settlement;
}

/** @param task whose attempt it is about. @throws `usage` */
export function soundFindings<T extends object>(task: Task, findings: T): T {
  return refusing(task.id, () => {
    const place: JsonPath = ['history', Math.max(task.history.length - 1, 0)];
    const read = asRead(findings, place);
    within(place, () => isFindings(read));
    return read;
  });
}

function within(place: JsonPath, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof Mismatch) error.path.unshift(...place);
    throw error;
  }
}

function refusing<T>(id: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const at = error.path.length > 0 ? ` at ${placeName(error.path)}` : '';
    const name = id === undefined ? 'This task' : `Task ${id}`;
    const message = `${name} cannot be saved${at}: ${error.message}; correct what gave that value`;
    throw new OrchError('usage', message, { cause: error });
  }
}

/** What comes of an object that is written as JSON and read again. A number that JSON cannot hold is left for the check to find. */
function asRead<T extends object>(
  value: T,
  path: JsonPath,
  fields: readonly string[] = Object.keys(value),
): T {
  const read: Record<string, unknown> = {};
  for (const key of fields) {
    const field = (value as Record<string, unknown>)[key];
    if (typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean') {
      read[key] = field;
    } else if (isFlat(field)) {
      read[key] = Object.fromEntries(Object.entries(field));
    } else if (field !== undefined) {
      const text = textOf(field, [...path, key]);
      if (text !== undefined) read[key] = JSON.parse(text);
    }
  }
  return read as T;
}

/** An object of texts and the like, which JSON gives back as they are: a copy that shares them takes less time, and memory. */
function isFlat(field: unknown): field is object {
  if (typeof field !== 'object' || field === null || Object.getPrototypeOf(field) !== Object.prototype)
    return false;
  return Object.values(field).every(
    (value) =>
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      (Number.isSafeInteger(value) && !Object.is(value, -0)),
  );
}

function textOf(field: unknown, path: JsonPath): string | undefined {
  try {
    return JSON.stringify(field);
  } catch (error) {
    // Circular, a BigInt, or nested too deeply. What V8 says of a circle has several lines.
    const [why = ''] = messageOf(error).split('\n');
    throw new Mismatch(`JSON cannot hold this (${why})`, path);
  }
}

function placeName(path: JsonPath): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}
