import type { Command } from 'commander';
import { lastOutput, type Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, hint, withStore } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { note, print, printJson, printRaw } from '../output.ts';
import { usage } from '../values.ts';
import { noSuchTask } from './no-such-task.ts';

interface ShowOptions {
  result?: boolean;
  any?: boolean;
}

export function registerShow(program: Command): void {
  program
    .command('show')
    .description('Tells the story of one task: attempts, verdicts, cost, result.')
    .argument('<id>', 'the task')
    .option('--result', 'print its result alone, byte for byte; ends with 1 where there is none')
    .option('--any', 'with --result: its last output, even if it did not pass')
    .action(show);
}

async function show(id: string, options: ShowOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  if (options.any && !options.result) throw usage('--any says which result to print; give --result with it');
  if (options.result && context.json) throw usage('--result prints the bare result; leave out --json');
  await withStore(context, async (store) => {
    const task = await find(store, id);
    if (options.result) printResult(task, options.any === true, context);
    else if (context.json) printJson(task);
    else await printStory(task, context, store);
  });
}

async function find(store: TaskStore, id: string): Promise<Task> {
  const task = await store.get(id);
  if (!task) throw noSuchTask(id);
  return task;
}

function printResult(task: Task, any: boolean, context: Context): void {
  const result = task.status === 'completed' ? task.result : any ? lastOutput(task) : undefined;
  if (result !== undefined) {
    printRaw(result);
    return;
  }
  process.exitCode = EXIT.failed;
  const wayOut = any
    ? 'it has no output'
    : `${hint(context, `show ${task.id} --result --any`)} prints its last output`;
  note(`${task.id} is ${task.status.replace('_', ' ')} and has no result; ${wayOut}`);
}

async function printStory(task: Task, context: Context, store: TaskStore): Promise<void> {
  const { storyOf } = await import('../story.ts');
  const statuses = new Map<string, string>();
  for (const id of task.after ?? []) statuses.set(id, (await store.get(id))?.status ?? 'gone');
  for (const line of storyOf(task, statuses, context.paint)) print(line);
}
