import { resultBytes } from '../../model/encoding.ts';
import type { Task } from '../../model/task.ts';
import { type Context, hint, withStore } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import { errorText, statusWord } from '../format.ts';
import { printJson, printRaw } from '../output.ts';
import { reportNothing } from '../reporters/unwatched.ts';
import type { RunSettings } from '../run-options.ts';
import { firstLine } from '../safe-text.ts';
import { survey } from '../survey.ts';
import { requireConfigTrust } from '../trust/config-commands.ts';
import { usage } from '../values.ts';
import { unbroken } from '../wrap.ts';
import { conduct } from './conduct.ts';
import { collectEarly } from './heap.ts';
import { requireMeans } from './means.ts';
import { copyToSimulate } from './simulation.ts';
import { refuseUnfit } from './unfit.ts';

/**
 * Before tasks are added that are to run at once: what cannot begin does not leave a task behind each time that it is tried. Tasks with ids of
 * their own may be completed already, and need nothing then.
 * @param unnamed how many of them get an automatic id. @throws `usage`
 */
export async function requireToRun(
  { count, unnamed }: { count: number; unnamed: number },
  context: Context,
  settings: RunSettings,
  trust = false,
): Promise<void> {
  if (count > 1 && !context.json)
    throw usage(`--run prints one result, and these are ${count} tasks; give --json, or orch run after it`);
  if (unnamed === 0) return;
  await requireMeans(settings, context);
  if (!(await requireConfigTrust(context, settings, trust))) throw usage('Not agreed to; nothing was added');
}

/**
 * Runs what was just added, and nothing else. The result of a single task goes to standard output, byte for byte; with `--json` each task as it
 * ends. What had ended before is not run again.
 */
export async function runAdded(
  context: Context,
  added: readonly Task[],
  settings: RunSettings,
  trust = false,
): Promise<void> {
  collectEarly();
  const open = new Set(added.map(({ id }) => id));
  const onTaskEnd = (task: Task): void => {
    if (open.delete(task.id) && context.json) printJson(task);
  };
  added.filter(hasEnded).forEach(onTaskEnd);
  await withStore(context, async (store) => {
    const used = settings.simulate ? await copyToSimulate(context, store) : store;
    const isCopy = settings.simulate ?? false;
    // Scripts add many tasks, one by one: no page of a job is filled with a summary of each.
    const own = { noSummary: true, ...settings };
    if (open.size > 0) {
      const only = new Set(open);
      await refuseUnfit(used, settings, only);
      await conduct({ ...context, isCopy, onTaskEnd }, used, own, { only, trust });
    } else {
      const left = await survey(used, { only: new Set(added.map(({ id }) => id)) });
      await reportNothing({ ...context, isCopy }, own, left);
    }
    const tasks = await Promise.all(added.map(async (task) => (await used.get(task.id)) ?? task));
    // Another run may have done it.
    tasks.filter(hasEnded).forEach(onTaskEnd);
    tell(context, tasks);
  });
}

function hasEnded({ status }: Task): boolean {
  return status === 'completed' || status === 'failed';
}

/** The result, and where there is none, why. */
function tell(context: Context, tasks: readonly Task[]): void {
  const [task] = tasks;
  if (!context.json && task?.status === 'completed') printRaw(resultBytes(task) ?? '');
  const undone = tasks.filter(({ status }) => status !== 'completed');
  // A run that ended with another code has said why.
  if (undone.length === 0 || process.exitCode) return;
  process.exitCode = EXIT.failed;
  for (const each of undone) noteFitted(whyUndone(each, context));
}

function whyUndone(task: Task, context: Context): string {
  const { id } = task;
  if (task.status === 'failed') return `${id} failed before: ${firstLine(errorText(task))}`;
  return `${id} is ${statusWord(task)} and has no result yet; ${unbroken(hint(context, `explain ${id}`))} says why`;
}
