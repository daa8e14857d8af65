import type { Command } from 'commander';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { agrees, canAsk } from '../ask.ts';
import { contextOf, remark, withStore } from '../context.ts';
import { noteFitted, printFitted } from '../fitted-lines.ts';
import { count, isLeft, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { printJson } from '../output.ts';
import {
  addSelectors,
  onSelected,
  type Selection,
  type SelectOptions,
  selectionOf,
  selectsAll,
  selectTasks,
} from '../select.ts';
import { usage } from '../values.ts';

interface ResetOptions extends SelectOptions {
  all?: boolean;
  yes?: boolean;
}

export function registerReset(program: Command): void {
  const command = program
    .command('reset')
    .description(
      'Takes tasks back to pending, clean: the failed ones and those that a dead run left, or the named ones.',
    )
    .argument('[id...]', 'these tasks, completed ones too: ids, or ranges such as task-010..task-020');
  addSelectors(command)
    .option('--all', 'every task; asks first')
    .option('-y, --yes', 'do not ask')
    .action(reset);
  withHelp(command, { examples: ['orch reset', 'orch reset task-003..task-007', 'orch reset --all --yes'] });
}

async function reset(words: string[], options: ResetOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const selection = selectionOf(words, options);
  if (options.all && !selectsAll(selection))
    throw usage('--all resets every task; leave out the ids, --status and --tag');
  const say = (line: string) => {
    if (!context.json && !context.quiet) printFitted(line);
  };
  await withStore(context, async (store) => {
    if (options.all && !options.yes && !(await agreed())) return say('Nothing was reset');
    const tasks = options.all ? await store.reset('all') : await resetSelected(store, selection);
    const changed = tasks.map((task) => task.id);
    if (context.json) tasks.forEach(printJson);
    else if (tasks.length > 0) say(`${count(tasks.length, 'task')} pending again: ${nameSome(changed)}`);
    else if (options.all) remark(context, 'Nothing to reset: every task is pending, or there is none');
    else if (selectsAll(selection)) remark(context, 'Nothing to reset: no task is failed or left behind');
    else if (words.length === 0 || options.status || options.tag)
      remark(context, 'Nothing to reset: no task matches');
    for (const id of new Set(words))
      if (!changed.includes(id) && !id.includes('..')) notePending(id, options);
  });
}

function notePending(id: string, { status, tag }: SelectOptions): void {
  if (!status && !tag) noteFitted(`${id} is pending already`);
}

async function resetSelected(store: TaskStore, selection: Selection): Promise<Task[]> {
  if (selectsAll(selection)) return store.reset('failed');
  // By its tag alone, what is done or has not begun is not meant.
  const { words = [], statuses } = selection;
  if (words.length > 0 || statuses)
    return (await onSelected(store, selection, (ids) => store.reset({ ids }))) ?? [];
  const runs = await store.runs();
  const ids: string[] = [];
  for await (const task of selectTasks(store, { ...selection, statuses: ['failed', 'in_progress'] })) {
    if (task.status === 'failed' || isLeft(task, runs)) ids.push(task.id);
  }
  return ids.length > 0 ? store.reset({ ids }) : [];
}

async function agreed(): Promise<boolean> {
  if (!canAsk()) throw usage('--all drops every result; add --yes to say that this is meant');
  return agrees('Reset every task, completed ones too?');
}
