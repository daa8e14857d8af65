import type { Command } from 'commander';
import type { Added, TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, hint, remark, withStore } from '../context.ts';
import { noteFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { keptOtherwise } from '../input/kept-otherwise.ts';
import { print, printJson } from '../output.ts';
import { showProgress } from '../progress.ts';
import { forResult, settingsToRun } from '../run/add-flags.ts';
import type { RunOptionName, RunSettings } from '../run-options.ts';
import { unbroken } from '../wrap.ts';
import { rowsOf } from './given-rows.ts';
import type { AddOptions } from './options.ts';
import { plainPlaces } from './plain-places.ts';
import { type Taken, take } from './taken.ts';

const PRINTED_TOGETHER = 10_000;

/** Adds what is given, and prints the ids; with `--run`, runs it and prints its result. */
export async function add(
  words: string[],
  options: AddOptions,
  command: Command,
  runOptions: readonly RunOptionName[],
): Promise<void> {
  const context = await contextOf(command);
  const settings = await settingsToRun(context, command, runOptions);
  if (settings) return addAndRun(words, options, await forResult(context, command), settings);
  await addAll(words, options, context, {
    afterwards: (added, foreign) => {
      if (context.json) for (const task of added.tasks()) printJson(task);
      else printIds(added.ids());
      if (foreign > 0 && !context.quiet)
        noteFitted(
          `${count(foreign, 'task')} came with a check, which runs when somebody has agreed to it: ${unbroken(hint(context, 'run --trust'))}`,
        );
    },
  });
}

async function addAndRun(
  words: string[],
  options: AddOptions,
  context: Context,
  settings: RunSettings,
): Promise<void> {
  const { requireToRun, runAdded } = await import('../run/added.ts');
  const added = await addAll(words, options, context, {
    before: (taken) => requireToRun(taken, context, settings, options.trust),
    afterwards: ({ tasks }) => [...tasks()],
  });
  for (const { id } of added) remark(context, id);
  await runAdded(context, added, settings, options.trust);
}

interface Around<T> {
  /** Called when all were read, and none was added. */
  before?(taken: Taken): Promise<void>;
  /** @param foreign how many came with a check that nobody agreed to. */
  afterwards(added: Added, foreign: number): T;
}

async function addAll<T>(
  words: string[],
  options: AddOptions,
  context: Context,
  { before, afterwards }: Around<T>,
): Promise<T> {
  const progress = showProgress(context);
  try {
    const rows = await rowsOf(words, options, progress);
    return await withStore(
      context,
      async (store) => {
        const intake = store.intake();
        try {
          const taken = await take(rows, intake, options, context);
          await before?.(taken);
          const foreign = await taken.preparation.end();
          progress.howFar = () => ({ text: `adding ${count(taken.count, 'task')}` });
          const added = await intake.add().catch((error: unknown) => {
            throw taken.explained(error);
          });
          progress.end();
          tellOfOthers(added);
          await tellOfPlaces(added, store, context);
          return afterwards(added, foreign);
        } finally {
          intake.close();
        }
      },
      { create: true },
    );
  } finally {
    progress.end();
  }
}

function tellOfOthers({ there }: Added): void {
  const others = keptOtherwise(there());
  if (others.length > 0)
    noteFitted(`There already, with other fields than were given now, and left so: ${nameSome(others)}`);
}

/** Of a single task: rows may name whatever they like. */
async function tellOfPlaces(added: Added, store: TaskStore, context: Context): Promise<void> {
  const [task] = added.count === 1 ? added.tasks() : [];
  const said = task ? await plainPlaces(task, store, context) : undefined;
  if (said !== undefined) remark(context, said);
}

/** Some thousand at once: a write each would take longer, one text of all of them more memory. */
function printIds(ids: Iterable<string>): void {
  let lines: string[] = [];
  for (const id of ids) {
    if (lines.push(id) < PRINTED_TOGETHER) continue;
    print(lines.join('\n'));
    lines = [];
  }
  if (lines.length > 0) print(lines.join('\n'));
}
