import type { Command } from 'commander';
import type { Task } from '../../model/task.ts';
import type { Blocked } from '../../ports/survey.ts';
import type { LiveRun, TaskStore } from '../../ports/task-store.ts';
import { blockedText } from '../blocked.ts';
import { chunksOf } from '../chunks.ts';
import { type Context, contextOf, hint, remark, withStore } from '../context.ts';
import { errorText, isLeft, isUnverified, SYMBOLS, statusWord } from '../format.ts';
import { withHelp } from '../help.ts';
import { isRead, print, printJson } from '../output.ts';
import { oneLine } from '../safe-text.ts';
import { addSelectors, type SelectOptions, selectionOf, selectTasks } from '../select.ts';
import { survey } from '../survey.ts';
import { columnsOf } from '../terminal.ts';
import { parsed, wholeNumber } from '../values.ts';
import { cut, padded, width } from '../width.ts';

interface ListOptions extends SelectOptions {
  limit?: number;
}

export function registerList(program: Command): void {
  const command = program
    .command('list')
    .summary('one task a line')
    .description('Prints one task a line, in the order they were added.')
    .argument('[id...]', 'only these: ids, or ranges such as task-010..task-020');
  addSelectors(command)
    .option('--limit <n>', 'at most n', parsed('--limit', wholeNumber(1)))
    .action(list);
  withHelp(command, {
    examples: ['orch list --status failed,pending', 'orch list task-010..task-020 --tag docs'],
  });
}

async function list(words: string[], options: ListOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const { limit = Infinity } = options;
  await withStore(context, async (store) => {
    let shown = 0;
    const lines = context.json ? undefined : taskLines(context, store);
    const selected = selectTasks(store, selectionOf(words, options));
    const chunks = lines ? chunksOf(briefly(selected), MOST_TOGETHER) : chunksOf(selected, MOST_WHOLE);
    for await (const tasks of chunks) {
      const those = tasks.slice(0, limit - shown);
      const said = await lines?.(those);
      for (const [i, task] of those.entries()) {
        if (!isRead()) return;
        said ? print(said[i] ?? '') : printJson(task);
      }
      shown += those.length;
      if (shown === limit) return;
    }
    if (shown === 0) remark(context, await nothingFound(context, store));
  });
}

async function nothingFound(context: Context, store: TaskStore): Promise<string> {
  return (await store.counts()).total === 0
    ? `There are no tasks; ${hint(context, 'add')} adds one`
    : `No task matches; ${hint(context, 'list')} without options shows all`;
}

/** Of the longest word for a state. Tasks are printed as they are read, so that nothing can be measured before. */
const WORD_COLUMNS = 'unverified'.length;

/** Tasks that are looked at together: as each look may read the whole store, there are to be few. */
const MOST_TOGETHER = 32_000;

/** Tasks that are printed whole are not gathered. */
const MOST_WHOLE = 500;

/** Without what no line shows, and may be large: many are kept at a time. */
async function* briefly(tasks: AsyncIterable<Task>): AsyncGenerator<Task> {
  for await (const { result: _, ...task } of tasks) yield { ...task, history: [] };
}

function taskLines(context: Context, store: TaskStore): (tasks: readonly Task[]) => Promise<string[]> {
  const { green, red, yellow, cyan } = context.paint;
  const columns = columnsOf(process.stdout);
  const colours = { pending: (text: string) => text, in_progress: cyan, completed: green, failed: red };
  let runs: LiveRun[] | undefined;
  const line = (task: Task, stuck: Blocked | undefined): string => {
    const left = isLeft(task, runs ?? []);
    const colour = stuck || left || isUnverified(task) ? yellow : colours[task.status];
    const word = stuck ? 'blocked' : left ? 'left' : isUnverified(task) ? 'unverified' : statusWord(task);
    const start = cut(
      `${SYMBOLS[task.status]} ${padded(task.id, 9)}  ${padded(word, WORD_COLUMNS)}`,
      columns,
    );
    const why = stuck ? blockedText(stuck) : errorText(task);
    const reason = why === '' ? '' : ` - ${why}`;
    const room = Math.max(0, columns - width(start) - 2);
    return `${colour(start)}  ${oneLine(task.description + reason, room)}`;
  };
  return async (tasks) => {
    if (tasks.some(({ status }) => status === 'in_progress')) runs ??= await store.runs();
    const blocked = await blockedAmong(tasks, store);
    return tasks.map((task) => line(task, blocked.get(task.id)));
  };
}

async function blockedAmong(tasks: readonly Task[], store: TaskStore): Promise<Map<string, Blocked>> {
  const waiting = tasks.filter(({ status, after }) => status === 'pending' && after).map(({ id }) => id);
  if (waiting.length === 0) return new Map();
  const { blocked } = await survey(store, { only: new Set(waiting), most: waiting.length });
  return new Map(blocked.map((each) => [each.task.id, each]));
}
