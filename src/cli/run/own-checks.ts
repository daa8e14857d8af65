import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import type { RunSettings } from '../run-options.ts';
import { storeFolder } from '../store-place.ts';
import { requireConfigTrust } from '../trust/config-commands.ts';
import { type CheckedTask, requireTrust } from '../trust/require-trust.ts';
import { hasCheck, TrustedChecks } from '../trust/trusted-checks.ts';
import type { OwnChecks } from './parts.ts';

/**
 * Before anything is claimed: the checks of the tasks that may run, and the commands of a config file that lay there, are this user's own,
 * or somebody agrees to them. What is added later, and nobody agreed to, is not run.
 * @param only of these tasks, where given. @param trust all may be run.
 * @returns undefined: somebody was asked, and said no; the exit code says so.
 * @throws `usage`: nobody is there to be asked.
 */
export async function ownChecks(
  context: Context,
  store: TaskStore,
  settings: RunSettings,
  { only, trust }: { only: ReadonlySet<string> | undefined; trust: boolean },
): Promise<OwnChecks | undefined> {
  const unfinished: Task[] = [];
  for (const status of ['pending', 'in_progress'] as const) {
    if (settings.noVerify || settings.simulate) break;
    for await (const task of store.list({ status, mentioning: ['"check":'] })) {
      if (hasCheck(task) && (only?.has(task.id) ?? true)) unfinished.push(task);
    }
  }
  return agreedChecks(context, settings, unfinished, trust);
}

/** The same for checks of these tasks. */
export async function agreedChecks(
  context: Context,
  settings: RunSettings,
  tasks: readonly CheckedTask[],
  trust: boolean,
): Promise<OwnChecks | undefined> {
  const trusted = new TrustedChecks(context.store, context.env);
  const agreed =
    (await requireConfigTrust(context, settings, trust)) && (await requireTrust(tasks, trusted, trust));
  if (agreed) {
    return { sealFolder: storeFolder(context.store), mayRun: (task) => trusted.has(task) };
  }
  noteFitted('Nothing was run');
  process.exitCode ||= EXIT.usage;
  return undefined;
}
