import { isUtf8 } from 'node:buffer';
import type { Task } from '../../../model/task.ts';
import type { Entry } from '../../entry.ts';
import { isCount, isListOf, isObject, isRecord, type JsonPath, Mismatch } from '../../shape.ts';
import { LAST_NUMBER } from '../../task-ids.ts';
import { isTask, OPTIONAL_FIELDS } from '../../task-shape.ts';

/** What the file holds. Fields that are none of ours are kept. */
export interface Document {
  version: 1;
  /** Grows with each write, so that a stale copy can be told from a newer one. */
  revision: number;
  /** Number of the next automatic id. */
  nextId: number;
  tasks: Entry[];
}

/** The file cannot be understood. Where that is, in lines and columns, is found only when somebody wants to know. */
export class FormatError extends Error {
  readonly text: string;
  /** Where it is; absent when the text is no JSON. */
  readonly path: JsonPath | undefined;
  /** Another place that belongs to it. */
  readonly other: JsonPath | undefined;

  constructor(message: string, text: string, path?: JsonPath, other?: JsonPath) {
    super(message);
    this.text = text;
    this.path = path;
    this.other = other;
  }
}

export function emptyDocument(): Document {
  return { version: 1, revision: 0, nextId: 1, tasks: [] };
}

/**
 * A file of orch's, of a person's, or of the lab's orchestrator in Python (no version, `max_attempts`, nulls).
 * @param modifiedAt stands in for the `createdAt` of tasks that have none.
 * @throws FormatError
 */
export function parse(bytes: Buffer, modifiedAt: string): Document {
  if (bytes.length === 0) throw new FormatError('the file is empty', '', []);
  if (!isUtf8(bytes)) throw new FormatError('the file is not UTF-8 text', '', []);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(error instanceof Error ? error.message : String(error), text);
  }
  try {
    return toDocument(json, modifiedAt);
  } catch (error) {
    if (error instanceof Mismatch) throw new FormatError(error.message, text, error.path, error.other);
    throw error;
  }
}

/**
 * Puts in what a hand-made or lab file leaves out.
 * @param modifiedAt stands in for the `createdAt` of tasks that have none. @throws Mismatch
 */
export function toTask(json: unknown, modifiedAt: string): Task {
  complete(json, modifiedAt);
  isTask(json);
  return json as Task;
}

/** As `toTask`, for a whole document. @throws Mismatch */
export function toDocument(json: unknown, modifiedAt: string): Document {
  isObject(json);
  const document = json as Record<string, unknown>;
  checkVersion(document.version);
  if (Array.isArray(document.tasks)) for (const task of document.tasks) complete(task, modifiedAt);
  isDocument(document);
  const { version: _, revision = 0, nextId = 1, tasks, ...others } = document as unknown as Document;
  checkDuplicates(tasks as Task[]);
  return { version: 1, revision, nextId, ...others, tasks };
}

const isDocument = isRecord(
  { tasks: isListOf(isTask) },
  { revision: isCount(0), nextId: isCount(1, LAST_NUMBER + 1) },
);

function checkVersion(version: unknown): void {
  if (version === undefined || version === 1) return;
  const newer = typeof version === 'number' && version > 1;
  const message = newer
    ? `the file is of version ${version}, which a newer orch wrote`
    : `this must be version 1, not ${JSON.stringify(version)}`;
  throw new Mismatch(message, ['version']);
}

/** Puts in what a hand-made or lab file leaves out. An empty value of an optional field is an absent one. */
function complete(task: unknown, modifiedAt: string): void {
  if (typeof task !== 'object' || task === null) return;
  const fields = task as Record<string, unknown>;
  if (Object.hasOwn(fields, 'max_attempts')) {
    fields.maxAttempts ??= fields.max_attempts;
    delete fields.max_attempts;
  }
  for (const name of OPTIONAL_FIELDS) if (fields[name] === null) delete fields[name];
  fields.status ??= 'pending';
  fields.attempts ??= 0;
  fields.priority ??= 0;
  fields.createdAt ??= modifiedAt;
  fields.history ??= [];
}

function checkDuplicates(tasks: Task[]): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of tasks.entries()) {
    const first = seen.get(id);
    if (first !== undefined) {
      const message = `the id ${id} is here a second time`;
      throw new Mismatch(message, ['tasks', index, 'id'], ['tasks', first, 'id']);
    }
    seen.set(id, index);
  }
}
