import type { Command } from 'commander';
import { isOrchError } from '../../model/errors.ts';
import type { NewTask, Task } from '../../model/task.ts';
import { type Context, contextOf, remark, withStore } from '../context.ts';
import { count, nameSome } from '../format.ts';
import { hideKeys } from '../input/hide-keys.ts';
import { keptOtherwise } from '../input/kept-otherwise.ts';
import { readSchema, requireSchemas } from '../input/read-schema.ts';
import { withPlace } from '../input/refused-row.ts';
import { sealChecks } from '../input/seal-checks.ts';
import { note, print, printJson } from '../output.ts';
import { type Progress, showProgress } from '../progress.ts';
import { forResult, settingsToRun } from '../run/add-flags.ts';
import type { RunOptionName, RunSettings } from '../run-options.ts';
import { trustAdded } from '../trust/trust-added.ts';
import { rowsOf } from './given-rows.ts';
import type { AddOptions } from './options.ts';
import { tasksOf } from './with-options.ts';

/** Adds what is given, and prints the ids; with `--run`, runs it and prints its result. */
export async function add(
  words: string[],
  options: AddOptions,
  command: Command,
  runOptions: readonly RunOptionName[],
): Promise<void> {
  const context = await contextOf(command);
  const settings = settingsToRun(context, command, runOptions);
  if (settings) return addAndRun(words, options, await forResult(context, command), settings);
  await withProgress(context, async (progress) => {
    const { added, foreign } = await addAll(words, options, context, progress);
    progress.end();
    if (context.json) for (const task of added) printJson(task);
    else if (added.length > 0) print(added.map(({ id }) => id).join('\n'));
    if (foreign > 0 && !context.quiet)
      note(
        `${count(foreign, 'task')} came with a check, which runs when somebody has agreed to it: run --trust`,
      );
  });
}

async function addAndRun(
  words: string[],
  options: AddOptions,
  context: Context,
  settings: RunSettings,
): Promise<void> {
  const { requireToRun, runAdded } = await import('../run/added.ts');
  const before = (tasks: NewTask[]) => requireToRun(tasks, context, settings, options.trust);
  const { added } = await withProgress(context, (progress) =>
    addAll(words, options, context, progress, before),
  );
  for (const { id } of added) remark(context, id);
  await runAdded(context, added, settings, options.trust);
}

async function withProgress<T>(context: Context, work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = showProgress(context);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

/** @param before called with what is to be added. @returns the tasks, and how many of them came with a check that nobody agreed to. */
async function addAll(
  words: string[],
  options: AddOptions,
  context: Context,
  progress: Progress,
  before: (tasks: NewTask[]) => Promise<void> = async () => undefined,
): Promise<{ added: Task[]; foreign: number }> {
  const { tasks, own, placeAtFault } = await tasksToAdd(words, options, context, progress);
  await before(tasks);
  const foreign = await trustAdded(tasks, options.trust ? tasks : tasks.filter((_, i) => own[i]), context);
  progress.text = () => `adding ${count(tasks.length, 'task')}`;
  const added = await withStore(
    context,
    (store) =>
      store.add(tasks).catch((error: unknown) => {
        throw withPlace(error, (index) => placeAtFault(error, index));
      }),
    { create: true },
  );
  const others = keptOtherwise(tasks, added);
  if (others.length > 0)
    note(`There already, with other fields than were given now, and left so: ${nameSome(others)}`);
  return { added, foreign };
}

/** Many rows are read: what is not needed of them any more goes before they are added. */
interface ToAdd {
  tasks: NewTask[];
  /** Whether the check of each is this user's own, given on the command line; one in a row is whoever wrote the row. */
  own: boolean[];
  /** Where the row at fault is. */
  placeAtFault(error: unknown, index: number): string | undefined;
}

async function tasksToAdd(
  words: string[],
  options: AddOptions,
  context: Context,
  progress: Progress,
): Promise<ToAdd> {
  const rows = await rowsOf(words, options, progress);
  await requireSchemas(rows);
  const schema = options.schema === undefined ? undefined : await readSchema(options.schema);
  const { placeOf } = rows;
  const own = rows.tasks.map(({ check }) => check === undefined);
  const namesOthers = rows.tasks.map(({ after }) => after !== undefined);
  const unsealed = hideKeys(tasksOf(rows.tasks, { ...options, schema }), context.env);
  return {
    tasks: await sealChecks(unsealed, options.checkFile ?? [], context.store),
    own,
    // What is not there, and is named by `--after` alone, is no row's fault.
    placeAtFault: (error, index) =>
      isOrchError(error, 'not-found') && !namesOthers[index] ? undefined : placeOf(index),
  };
}
