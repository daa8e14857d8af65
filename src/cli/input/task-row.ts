import type { NewTask } from '../../model/task.ts';
import { pattern, pointInTime, splitNames, usage } from '../values.ts';

/** Fields of a task that come of its life, or are not for `add` to set. */
const NOT_SETTABLE = new Set([
  'status',
  'seal',
  'result',
  'attempts',
  'earlierAttempts',
  'createdAt',
  'startedAt',
  'endedAt',
  'error',
  'verified',
  'confidence',
  'usage',
  'history',
  'lease',
  'crashes',
]);

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

const FIELDS: { [K in keyof Omit<Required<NewTask>, 'seal'>]: Check } = {
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

/** A task from a row of data. What is no field of a task goes to its metadata. */
export function taskFromRow(row: unknown, place: string): NewTask {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw usage(`${place}: expected an object with a "description", got ${shown(row)}`);
  }
  const task: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(row)) {
    if (NOT_SETTABLE.has(field))
      throw usage(`${place}: "${field}" cannot be set when a task is added; leave it out`);
    const check = Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof typeof FIELDS] : undefined;
    if (!check) rest[field] = value;
    else if (value !== null) task[field] = check(value, place, field);
  }
  if (task.description === undefined) throw usage(`${place}: "description" is missing; give every task one`);
  const metadata = { ...rest, ...(task.metadata as object | undefined) };
  if (Object.keys(metadata).length > 0) task.metadata = metadata;
  return task as NewTask;
}

function wrong(place: string, field: string, wanted: string, got: unknown): Error {
  return usage(`${place}: expected "${field}" to be ${wanted}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 60)}...` : json;
}
