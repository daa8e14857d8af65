import type { Task } from '../../../model/task.ts';
import type { Document } from './format.ts';

// How the file is laid out: as `JSON.stringify(document, null, 2)` does it, and a line break. What is nested deeper is
// indented more, and no string holds a line break: so what begins with one tells where a task, or the list, ends.

/** What stands between two tasks. */
export const SEPARATOR = ',\n';

/** The list's begin, in its line. */
const LIST_BEGIN = '\n  "tasks": [';
const LIST_END = '\n  ]';

/** The same as a reader looks for them. A task's bytes go from its first byte through its end. */
export const MARKS = {
  listBegin: Buffer.from(`${LIST_BEGIN}\n`),
  taskBegin: Buffer.from('    {\n'),
  taskEnd: Buffer.from('\n    }'),
  separator: Buffer.from(SEPARATOR),
  listEnd: Buffer.from(LIST_END),
  id: Buffer.from('\n      "id": "'),
  status: Buffer.from('\n      "status": "'),
  after: Buffer.from('\n      "after": ['),
  quote: Buffer.from('"'),
};

const BEFORE_TASK = `{${LIST_BEGIN}\n`;
const AFTER_TASK = `${LIST_END}\n}`;
const NEXT_TASK = `    0${AFTER_TASK}`;

/** A task as it stands in the file, from its indentation to its closing brace. */
export function taskText(task: Task): string {
  return JSON.stringify({ tasks: [task] }, null, 2).slice(BEFORE_TASK.length, -AFTER_TASK.length);
}

/** The same and the separator: to join the two would copy them. */
export function taskAndSeparator(task: Task): string {
  return JSON.stringify({ tasks: [task, 0] }, null, 2).slice(BEFORE_TASK.length, -NEXT_TASK.length);
}

/** The file without its tasks. */
export function frameText(document: Document): string {
  return `${JSON.stringify({ ...document, tasks: [] }, null, 2)}\n`;
}

/** What stands before the first task, and after the last. */
export function frameParts(document: Document): { before: string; after: string } {
  const text = frameText(document);
  const inList = text.indexOf(`${LIST_BEGIN}]`) + LIST_BEGIN.length;
  return { before: `${text.slice(0, inList)}\n`, after: `\n  ${text.slice(inList)}` };
}
