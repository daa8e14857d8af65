import type { NewTask, Task } from '../../model/task.ts';
import { pattern, pointInTime, splitNames, usage } from '../values.ts';
import { isListed } from './listed-task.ts';
import { idOfKey, type RowKeys } from './row-keys.ts';
import type { Template } from './template.ts';

/** What the command line says about how rows become tasks. */
export interface RowWishes {
  /** Makes the description. */
  template?: Template | undefined;
  /** Makes the id. */
  keys?: RowKeys | undefined;
  /** What every task comes after. */
  after?: readonly string[] | undefined;
}

/** Fields of a task that come of its life, or are not for `add` to set. */
const OF_ITS_LIFE: Record<Exclude<keyof Task, keyof NewTask> | 'seal' | 'filledFields', true> = {
  status: true,
  seal: true,
  filledFields: true,
  result: true,
  attempts: true,
  earlierAttempts: true,
  feedback: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  error: true,
  best: true,
  verified: true,
  confidence: true,
  usage: true,
  history: true,
  lease: true,
  crashes: true,
};

/** Levels of lists and objects in a field; what goes through one level by level would run out of stack at some thousands. */
const DEEPEST = 500;

type Check = (value: unknown, place: string, field: string) => unknown;

const text: Check = (value, place, field) => {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw wrong(place, field, 'a text', value);
};

/** A list; a text is one with commas, as on the command line. */
const texts: Check = (value, place, field) => {
  const list = typeof value === 'string' ? splitNames(value) : value;
  if (Array.isArray(list) && list.every((each) => typeof each === 'string' && each !== '')) return list;
  throw wrong(place, field, 'a list of texts', value);
};

function integer(minimum: number): Check {
  return (value, place, field) => {
    if (Number.isSafeInteger(value) && (value as number) >= minimum) return value;
    throw wrong(place, field, minimum === 1 ? 'a whole number of at least 1' : 'a whole number', value);
  };
}

const time: Check = (value, place, field) => {
  return pointInTime(text(value, place, field) as string, `${place}: "${field}"`);
};

const object: Check = (value, place, field) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrong(place, field, 'an object', value);
};

const regex: Check = (value, place, field) => {
  return pattern(text(value, place, field) as string, `${place}: "${field}"`);
};

const FIELDS: { [K in keyof Omit<Required<NewTask>, 'seal' | 'filledFields'>]: Check } = {
  description: text,
  id: text,
  priority: integer(Number.MIN_SAFE_INTEGER),
  maxAttempts: integer(1),
  after: texts,
  notBefore: time,
  criteria: text,
  check: text,
  expect: regex,
  schema: object,
  tags: texts,
  metadata: object,
};

export function isTaskField(name: string): boolean {
  return Object.hasOwn(FIELDS, name);
}

/**
 * A task from a row of data; a text is its description. What is no field of a task goes to its metadata. Where a template makes the
 * description, or a key the id, the row's own field of that name is no field of a task either. With a template a row is data: what is called
 * like a field of a task's life, such as `result`, is metadata too; elsewhere it is refused, since whoever has whole tasks imports them. Only a task as `--json` prints it
 * is taken without what came of it.
 * @param line where it begins. @param placeOf how messages call a line.
 */
export function taskFromRow(
  row: unknown,
  line: number,
  placeOf: (line: number) => string,
  wishes: RowWishes = {},
): NewTask {
  const place = placeOf(line);
  const fields = fieldsOf(row, place);
  const { task, rest } = sorted(fields, place, wishes);
  // They are named as the rows name themselves.
  if (wishes.keys && task.after) task.after = (task.after as string[]).map(idOfKey);
  if (wishes.template) {
    task.description = filledIn(wishes.template, fields, task as Partial<NewTask>, wishes, place);
    task.filledFields = wishes.template.fieldsIn(fields);
  }
  if (wishes.keys) task.id = wishes.keys.idOf(fields, line, placeOf);
  if (task.description === undefined) throw usage(`${place}: "description" is missing; give every task one`);
  if (rest.length > 0)
    task.metadata = { ...Object.fromEntries(rest), ...(task.metadata as object | undefined) };
  return task as NewTask;
}

/** What of a row is a field of its task, as it is kept there, and what goes to its metadata. */
function sorted(
  fields: Record<string, unknown>,
  place: string,
  wishes: RowWishes,
): { task: Record<string, unknown>; rest: Array<[string, unknown]> } {
  const made = new Set([wishes.template && 'description', wishes.keys && 'id']);
  const task: Record<string, unknown> = {};
  const rest: Array<[string, unknown]> = [];
  const isTask = !wishes.template && isListed(fields, place);
  for (const [field, value] of Object.entries(fields)) {
    // Data stays data, whichever way it comes in.
    if (isTask && field === 'filledFields') task.filledFields = texts(value, place, field);
    if (isTask && (Object.hasOwn(OF_ITS_LIFE, field) || field === 'schemaVersion')) continue;
    if (!wishes.template && Object.hasOwn(OF_ITS_LIFE, field))
      throw usage(
        `${place}: "${field}" cannot be set when a task is added; leave it out, or take whole tasks with orch import`,
      );
    const isOurs = isTaskField(field) && !made.has(field);
    if (isNestedDeeper(value, DEEPEST)) throw usage(`${place}: "${field}" is nested too deeply`);
    if (!isOurs) rest.push([field, value]);
    else if (value !== null) task[field] = FIELDS[field as keyof typeof FIELDS](value, place, field);
  }
  return { task, rest };
}

function isNestedDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((each) => isNestedDeeper(each, most - 1));
}

function fieldsOf(row: unknown, place: string): Record<string, unknown> {
  if (typeof row === 'string') return { description: row };
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>;
  throw usage(`${place}: expected an object with a "description", got ${shown(row)}`);
}

/** The name of a task that this one comes after stays: its result is filled in when there is one. */
function filledIn(
  template: Template,
  fields: Record<string, unknown>,
  { after = [] }: Partial<NewTask>,
  wishes: RowWishes,
  place: string,
): string {
  const stays = (name: string) => after.includes(name) || wishes.after?.includes(name) === true;
  const description = template.fill(fields, place, stays);
  if (description.trim() !== '') return description;
  throw usage(`${place}: the template gives a blank description; say what is to be done`);
}

function wrong(place: string, field: string, wanted: string, got: unknown): Error {
  return usage(`${place}: expected "${field}" to be ${wanted}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 60)}...` : json;
}
