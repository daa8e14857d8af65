import type { Command } from 'commander';
import { bestBytes, bestOutput } from '../../model/best-attempt.ts';
import { resultBytes } from '../../model/encoding.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, hint, withStore } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { statusWord } from '../format.ts';
import { withHelp } from '../help.ts';
import { note, print, printJson, printRaw } from '../output.ts';
import { findTask } from '../select.ts';
import { storyOf } from '../story/story.ts';
import { blockedIn, survey } from '../survey.ts';
import { columnsOf } from '../terminal.ts';
import { usage } from '../values.ts';
import { unbroken, wrapped } from '../wrap.ts';

interface ShowOptions {
  result?: boolean;
  any?: boolean;
  full?: boolean;
}

export function registerShow(program: Command): void {
  const command = program
    .command('show')
    .summary('the story of one task, or its result')
    .description('Tells the story of one task: attempts, verdicts, cost, result.')
    .argument('<id>', 'the task')
    .option('--result', 'print its result alone, byte for byte; ends with 1 where there is none')
    .option('--any', 'with --result: its best output, where none passed')
    .option('--full', 'long texts to their end')
    .action(show);
  withHelp(command, {
    examples: [
      'orch show task-003',
      'orch show task-003 --full | less',
      'orch show task-003 --result > haiku.txt',
    ],
  });
}

async function show(id: string, options: ShowOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  if (options.any && !options.result) throw usage('--any says which result to print; give --result with it');
  if (options.result && context.json) throw usage('--result prints the bare result; leave out --json');
  await withStore(context, async (store) => {
    const task = await findTask(store, id);
    if (options.result) printResult(task, options.any === true, context);
    else if (context.json) printJson(task);
    else await printStory(task, options.full === true, context, store);
  });
}

function printResult(task: Task, any: boolean, context: Context): void {
  const result = task.status === 'completed' ? resultBytes(task) : any ? bestBytes(task) : undefined;
  if (result !== undefined) {
    printRaw(result);
    return;
  }
  process.exitCode = EXIT.failed;
  const why =
    bestOutput(task) === undefined
      ? 'no output yet'
      : `no result; ${unbroken(hint(context, `show ${task.id} --result --any`))} prints its best output`;
  const text = `${task.id} is ${statusWord(task)} and has ${why}`;
  for (const line of wrapped(text, columnsOf(process.stderr), '  ')) note(line);
}

async function printStory(task: Task, isFull: boolean, context: Context, store: TaskStore): Promise<void> {
  const isPending = task.status === 'pending' && task.after;
  const [blocked] = isPending ? blockedIn(await survey(store, { only: new Set([task.id]) })) : [];
  const runs = task.status === 'in_progress' ? await store.runs() : [];
  const { paint } = context;
  const options = { blocked, runs, paint, now: Date.now(), isFull, columns: columnsOf(process.stdout) };
  for (const line of storyOf(task, { ...options, hint: (words) => hint(context, words) })) print(line);
}
