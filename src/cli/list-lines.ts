import type { Task } from '../model/task.ts';
import type { Blocked } from '../ports/survey.ts';
import type { LiveRun, TaskStore } from '../ports/task-store.ts';
import { blockedText } from './blocked.ts';
import { chunksOf } from './chunks.ts';
import { errorText, isLeft, isUnverified, SYMBOLS, statusWord } from './format.ts';
import { oneLine } from './safe-text.ts';
import { blockedIn, survey } from './survey.ts';
import type { Paint } from './terminal.ts';
import { cut, padded, width } from './width.ts';

/** Of the longest word for a state. Tasks are printed as they are read, so that nothing can be measured before. */
const WORD_COLUMNS = 'unverified'.length;

/** Tasks that are looked at together: as each look may read the whole store, there are to be few. */
const MOST_TOGETHER = 32_000;

export interface ListLinesOptions {
  paint: Paint;
  columns: number;
}

/** A line for each task, as they come; of what waits for others it says for what. */
export async function* listLines(
  tasks: AsyncIterable<Task>,
  store: Pick<TaskStore, 'survey' | 'runs'>,
  options: ListLinesOptions,
): AsyncGenerator<string> {
  let runs: LiveRun[] | undefined;
  for await (const some of chunksOf(briefly(tasks), MOST_TOGETHER)) {
    if (some.some(({ status }) => status === 'in_progress')) runs ??= await store.runs();
    const blocked = await blockedAmong(some, store);
    for (const task of some) yield lineOf(task, blocked.get(task.id), isLeft(task, runs ?? []), options);
  }
}

/** Without what no line shows, and may be large: many are kept at a time. */
async function* briefly(tasks: AsyncIterable<Task>): AsyncGenerator<Task> {
  for await (const { result: _, ...task } of tasks) yield { ...task, history: [] };
}

async function blockedAmong(
  tasks: readonly Task[],
  store: Pick<TaskStore, 'survey'>,
): Promise<Map<string, Blocked>> {
  const waiting = tasks.filter(({ status, after }) => status === 'pending' && after).map(({ id }) => id);
  if (waiting.length === 0) return new Map();
  const found = await survey(store, { only: new Set(waiting), most: waiting.length });
  return new Map(blockedIn(found).map((each) => [each.task.id, each]));
}

function lineOf(
  task: Task,
  stuck: Blocked | undefined,
  left: boolean,
  { paint, columns }: ListLinesOptions,
): string {
  const { green, red, yellow, cyan } = paint;
  const colours = { pending: (text: string) => text, in_progress: cyan, completed: green, failed: red };
  const colour = stuck || left || isUnverified(task) ? yellow : colours[task.status];
  const word = stuck ? 'blocked' : left ? 'left' : isUnverified(task) ? 'unverified' : statusWord(task);
  const start = cut(`${SYMBOLS[task.status]} ${padded(task.id, 9)}  ${padded(word, WORD_COLUMNS)}`, columns);
  const why = stuck ? blockedText(stuck) : errorText(task);
  const reason = why === '' ? '' : ` - ${why}`;
  const room = columns - width(start) - 2;
  return room > 0 ? `${colour(start)}  ${oneLine(task.description + reason, room)}` : colour(start);
}
